"""The same messages by Celery with Redis, and by Kannel with its spool store, to the same kind of sink."""

import os
import shutil

from bench import dispatch, rival_celery, rival_kannel, sink
from bench.measure import Bar, in_turns, pin, report, unpin
from bench.workspaces import seeded

OURS = "ours"
CELERY = "Celery + Redis + requests + a commit a message"
KANNEL = "Kannel with its spool store"


def run() -> str:
    """Measure in turns those that are installed, and give the table."""
    missing = [name for name in ("redis-server", "bearerbox", "smsbox") if not _found(name)]
    kinds, bars, missed = {}, [], ""
    db, message_id, line_id = None, 0, 0
    pin(0)
    try:
        with sink.running(core=1) as carrier:
            db, message_id, line_id = dispatch.prepared(seeded("rivals"), carrier.url)
            ours = db
            kinds[OURS] = lambda: dispatch.pumped(ours, message_id, line_id)
            if "redis-server" not in missing:
                kinds[CELERY] = lambda: rival_celery.turn(carrier.url)
            if not {"bearerbox", "smsbox"} & set(missing):
                kinds[KANNEL] = lambda: rival_kannel.turn(carrier)
            turns = in_turns(kinds)
            db.close()
    finally:
        unpin()
    if CELERY in kinds:
        bars.append(Bar("times Celery's rate", turns.rate(OURS) / turns.rate(CELERY), 15))
    if KANNEL in kinds:
        share = turns.cpu(OURS) / turns.cpu(KANNEL)
        bars.append(Bar("of Kannel's CPU a message", share, 0.5, at_least=False))
    if missing:
        missed = (
            f" Skipped, as it is not installed (apt-get install redis-server kannel): {', '.join(missing)}."
        )
    rows = [
        [
            kind,
            f"{turns.rate(kind):,.0f}",
            f"{turns.rate(OURS) / turns.rate(kind):.1f}",
            f"{turns.cpu(kind):,.0f} µs",
        ]
        for kind in kinds
    ]
    return report(
        "Rivals",
        "Each on one core, the sink on another; CPU is that of all its processes (Celery's worker and Redis; "
        f"bearerbox and smsbox).{missed}",
        ["what", "messages/s", "ours is so many times as fast", "CPU a message"],
        rows,
        bars,
    )


def _found(name: str) -> bool:
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") is not None
