"""What the contacts are filtered by, in words: on the chips, and on the page of a list that fills itself."""

from collections.abc import Mapping
from dataclasses import replace

from storage.contact_conditions import ConsentState, Outcome
from storage.contact_grid import Standing
from ui.contact_state import ContactState

STANDING_WORDS: dict[Standing, str] = {
    "": "Any status",
    "reachable": "Can be texted",
    "suppressed": "Opted out",
    "invalid": "Invalid number",
}
CONSENT_WORDS: dict[ConsentState, str] = {
    "": "Any consent",
    "given": "Opt-in on record",
    "none": "No opt-in on record",
}
OUTCOME_WORDS: dict[Outcome, str] = {
    "": "Took part",
    "delivered": "Got a message",
    "not_delivered": "Got no message",
    "replied": "Replied",
    "not_replied": "Did not reply",
}


def active(
    state: ContactState, lists: Mapping[int, str], campaigns: Mapping[int, str]
) -> list[tuple[str, ContactState]]:
    """Each active filter in words, with the state without it."""
    search, campaign = state.search.strip(), campaigns.get(state.campaign_id or 0, "a campaign")
    found = [
        (search, f"Search: {search}", replace(state, search="")),
        (
            state.list_id,
            f"List: {lists.get(state.list_id or 0, 'unknown')}",
            replace(state, list_id=None),
        ),
        (state.standing, STANDING_WORDS[state.standing], replace(state, standing="")),
        (state.consent, CONSENT_WORDS[state.consent], replace(state, consent="")),
        (
            state.campaign_id,
            f"{campaign}: {OUTCOME_WORDS[state.outcome].lower()}",
            replace(state, campaign_id=None, outcome=""),
        ),
        (state.field, f"{state.field}: {state.value or 'any value'}", replace(state, field="", value="")),
        (state.timezone, state.timezone.replace("_", " "), replace(state, timezone="")),
    ]
    return [(words, without) for chosen, words, without in found if chosen]
