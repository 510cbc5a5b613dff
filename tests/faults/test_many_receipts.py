"""A flood of receipts, shuffled, repeated, some before their send's outcome: the highest word stands."""

from random import Random

from domain.deliveries import State
from storage import receipts
from storage.database import Database
from storage.deliveries import Claimed
from tests import arrange, ledger
from tests.conftest import NOW
from tests.faults.scale import sized

RECEIPTS = sized(5_000, 100_000)
"""Different ones; a tenth of them comes twice."""

WORDS = (State.SENT, State.DELIVERED, State.UNDELIVERED, State.FAILED)
HEIGHT = {State.SENT: 1, State.UNDELIVERED: 2, State.FAILED: 2, State.DELIVERED: 3}
WORDS_EACH = 2.5  # on average, of one to four
BATCH = 500
START = ledger.start_of(NOW)


def test_every_delivery_ends_as_its_highest_receipt_says(db: Database) -> None:
    random = Random(20261125)  # noqa: S311
    actor = arrange.person(db, NOW)
    people = int(RECEIPTS / WORDS_EACH)
    campaign_id = ledger.started(db, actor, NOW, arrange.numbers(people))
    [message_id] = ledger.message_ids(db, campaign_id)
    claimed: list[Claimed] = []
    while taken := ledger.claim(db, message_id, START):
        claimed += taken
    assert len(claimed) == people

    said = {one.phone: random.sample(WORDS, random.randint(1, 4)) for one in claimed}
    told = [ledger.receipt(db, one, state, account_id=1) for one in claimed for state in said[one.phone]]
    told += random.sample(told, len(told) // 10)
    random.shuffle(told)
    late = set(random.sample(range(people), people // 20))
    settle_in_batches(db, [one for place, one in enumerate(claimed) if place not in late])
    for start in range(0, len(told), BATCH):
        receipts.take(db, told[start : start + BATCH], START)
    settle_in_batches(db, [claimed[place] for place in late])

    ended = {phone: HEIGHT[state] for phone, state in ledger.states(db, message_id).items()}
    assert ended == {phone: max(HEIGHT[state] for state in words) for phone, words in said.items()}
    ledger.check_tallies(db)


def settle_in_batches(db: Database, claimed: list[Claimed]) -> None:
    for start in range(0, len(claimed), BATCH):
        ledger.settle(db, claimed[start : start + BATCH], START)
