"""The settings pages by their paths."""

from ui.app import PageBuilder
from ui.settings import (
    account_page,
    api_page,
    audit_page,
    carrier_list,
    carrier_page,
    line_list,
    line_page,
    team_page,
    webhook_page,
    workspace_page,
)
from ui.world import World


def pages(world: World) -> dict[str, PageBuilder]:
    """Path → builder; the first match wins, so fixed paths stand before patterns."""
    return {
        account_page.PATH: account_page.page(world),
        audit_page.PATH: audit_page.page(world),
        team_page.PATH: team_page.page(world),
        workspace_page.PATH: workspace_page.page(world),
        api_page.PATH: api_page.page(world),
        webhook_page.PATH: webhook_page.page(world),
        "/settings/carriers": carrier_list.page(world),
        "/settings/carriers/new": carrier_page.new_page(world),
        "/settings/carriers/{aid}": carrier_page.page(world),
        "/settings/lines": line_list.page(world),
        "/settings/lines/new": line_page.new_page(world),
        "/settings/lines/{lid}": line_page.page(world),
    }
