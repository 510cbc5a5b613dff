"""Ports for servers of tests."""

import os
import random
import socket

_UNGIVEN = range(10_000, 32_000)  # below what Linux gives to outgoing connections, which come at any moment
_drawn = random.Random(os.getpid())  # noqa: S311 - not for secrets; another row in every process


def free_port() -> int:
    """A port of 127.0.0.1 that is free, and that no connection is given while its server is restarted."""
    for port in _drawn.sample(_UNGIVEN, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("100 ports tried, and none is free")
