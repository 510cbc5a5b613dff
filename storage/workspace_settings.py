"""All that administrators decide for everybody, read at once for the page that shows it."""

from dataclasses import dataclass

from domain.auto_pause import Thresholds
from domain.branding import Branding
from domain.claim_rules import ClaimRules
from domain.keywords import Kind
from storage import auto_pause, branding, choices, claim_rules, quiet_hours, retention
from storage.database import Database
from storage.quiet_hours import Standing
from storage.retention import Retention


@dataclass(frozen=True, slots=True)
class Decided:
    """What holds in the workspace."""

    branding: Branding
    hours: Standing
    claims: ClaimRules
    consent: bool
    thresholds: Thresholds
    answers: dict[Kind, str]
    retention: Retention


def read(db: Database) -> Decided:
    """What holds now."""
    with db.read() as session:
        claims, consent = claim_rules.of(session), choices.consent_required(session)
        thresholds, answers = auto_pause.thresholds(session), choices.keyword_answers(session)
    return Decided(
        branding.of(db), quiet_hours.standing(db), claims, consent, thresholds, answers, retention.chosen(db)
    )
