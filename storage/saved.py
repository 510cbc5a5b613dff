"""A saved campaign's details, as the first step's form opens them."""

from dataclasses import dataclass
from datetime import datetime

from domain.campaigns import Standing
from domain.details import Details
from storage import found
from storage.database import Database
from storage.sequence import standing_of


@dataclass(frozen=True, slots=True)
class Saved:
    """The form's values, where the campaign stands, and the version that they were read at."""

    id: int
    form: Details
    standing: Standing
    version: int


def details(db: Database, campaign_id: int, now: datetime) -> Saved:
    """The details of a campaign; raises `CampaignNotFound`."""
    with db.read() as session:
        campaign = found.campaign(session, campaign_id)
        form = Details(
            campaign.name,
            campaign.channel,
            campaign.line_id,
            campaign.list_id,
            campaign.owner_id,
            acknowledged=True,
        )
        return Saved(campaign_id, form, standing_of(session, campaign, now), campaign.version)
