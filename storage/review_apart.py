"""The review of a large list in a process of its own, so that the web's process keeps its time for people."""

import os
from collections.abc import Callable
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection

from domain.preflight import Review
from domain.problems import Problem
from storage.database import Database
from storage.review import Stopped, review
from storage.vault import Vault

LOOK_EVERY = 0.2
"""Seconds between two looks whether the review is still wanted."""


def review_apart(
    db: Database, campaign_id: int, now: datetime, tell: Callable[[int], None], stopped: Callable[[], bool]
) -> Review:
    """`review.review` in another process; what it raises comes as a plain `Problem`."""
    context = get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    arguments = (db.url, db.vault, campaign_id, now, theirs)
    process = context.Process(target=send, args=arguments, name="review", daemon=True)
    process.start()
    theirs.close()
    try:
        while True:
            if stopped():
                raise Stopped
            if not ours.poll(LOOK_EVERY):
                continue
            match ours.recv():
                case int(people):
                    tell(people)
                case str(problem):
                    raise Problem(problem)
                case Review() as made:
                    return made
    except EOFError:
        raise RuntimeError("the process that reviews ended") from None
    finally:
        ours.close()
        process.terminate()
        process.join()


def send(url: str, vault: Vault | None, campaign_id: int, now: datetime, pipe: Connection) -> None:
    """The work of the process: how many people it has looked at, and at last the review."""
    os.nice(5)  # pages come first
    db = Database(url, vault)
    try:
        pipe.send(review(db, campaign_id, now, pipe.send))
    except Problem as problem:
        pipe.send(problem.text)
    except BrokenPipeError:
        pass  # nobody wants it any more
    finally:
        db.close()
