"""Kannel with its spool store: smsbox takes messages by HTTP, bearerbox passes them on to the sink."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from bench.measure import Turn, timed
from bench.rival_celery import TEXT, free_port, listening
from bench.sink import Running

MESSAGES = 3_000
AT_ONCE = 32
_SBIN = os.environ | {"PATH": f"{os.environ.get('PATH', '')}:/usr/sbin"}

CONFIGURATION = """group = core
admin-port = {admin}
admin-interface = 127.0.0.1
smsbox-port = {box}
smsbox-interface = 127.0.0.1
admin-password = adminpw
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 3
store-type = spool
store-location = "{folder}/store"
dlr-storage = internal

group = smsc
smsc = http
smsc-id = SINK
system-type = generic
port = {receive}
connect-allow-ip = 127.0.0.1
max-pending-submits = {at_once}
send-url = "{url}/messages?from=%p&to=%P&text=%b"
status-success-regex = "id"
status-permfail-regex = "never"
status-tempfail-regex = "never"

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 13013
log-file = "{folder}/smsbox.log"
log-level = 3

group = sendsms-user
username = tester
password = secretpw
user-allow-ip = "127.0.0.1"
max-messages = 10

group = sms-service
keyword = default
text = "no"
max-messages = 0
"""


def turn(carrier: Running) -> Turn:
    """Give it the messages as fast as it takes them, until the sink has them all."""
    folder = Path(tempfile.mkdtemp(prefix="bench-kannel-"))
    (folder / "store").mkdir()
    file = folder / "kannel.conf"
    ports = {name: free_port() for name in ("admin", "box", "sendsms", "receive")}
    file.write_text(CONFIGURATION.format(folder=folder, url=carrier.url, at_once=AT_ONCE, **ports))
    boxes: list[subprocess.Popen[bytes]] = []
    try:
        for name, port in (("bearerbox", ports["box"]), ("smsbox", ports["sendsms"])):
            command = [name, "-v", "3", str(file)]
            with (folder / f"{name}.out").open("wb") as out:
                boxes.append(subprocess.Popen(command, stdout=out, stderr=out, env=_SBIN))
            listening(port)
        first = carrier.answered()
        with timed(MESSAGES, [box.pid for box in boxes]) as measured:
            asyncio.run(_feed(ports["sendsms"]))
            end = time.monotonic() + 60
            while carrier.answered() - first < MESSAGES:
                assert time.monotonic() < end, f"the sink has {carrier.answered() - first} messages"
                time.sleep(0.005)
        return measured
    finally:
        for box in reversed(boxes):
            box.terminate()
        for box in boxes:
            box.wait(60)
        shutil.rmtree(folder, ignore_errors=True)


async def _feed(port: int) -> None:
    left = iter(range(MESSAGES))

    async def work() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for number in left:
            query = (
                f"username=tester&password=secretpw&from=13013&to=%2B1212600{number:04d}&text={quote(TEXT)}"
            )
            request = f"GET /cgi-bin/sendsms?{query} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 202"), head
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
        writer.close()

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
