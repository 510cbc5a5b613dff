"""A real Kannel on loopback, with its own fake SMSC as the phone network."""

import re
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote_to_bytes

import httpx
import pytest

from tests import wait
from tests.ports import free_port

PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
FAKE_SMSC = Path("/usr/lib/kannel/test/fakesmsc")
USER, PASSWORD, ADMIN = "tester", "secretpw", "adminpw"
LINE = "13013"

CONFIG = """
group = core
admin-port = {admin}
admin-interface = 127.0.0.1
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
admin-password = {password}
box-deny-ip = "*.*.*.*"
box-allow-ip = "127.0.0.1"
log-file = "{folder}/bearerbox.log"
log-level = 1
dlr-storage = internal
sms-resend-freq = 5
sms-resend-retry = 2

group = smsc
smsc = fake
smsc-id = FAKE
port = {network}
connect-allow-ip = 127.0.0.1

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {boxes}
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1
global-sender = 13013
log-file = "{folder}/smsbox.log"
log-level = 1

group = sendsms-user
username = tester
password = secretpw
user-allow-ip = "127.0.0.1"
max-messages = 10
concatenation = true
forced-smsc = FAKE

group = sms-service
keyword = default
get-url = "{inbound}"
accepted-smsc = FAKE
max-messages = 0
concatenation = true
omit-empty = true
"""


@dataclass
class Phones:
    """The fake phone network: what its phones got."""

    output: Path

    def got(self) -> list[str]:
        """The texts that arrived, part by part."""
        found = re.findall(r"Got message \d+: <\S+ \S+ (text|ucs-2|udh) (.*)>", self.output.read_text())
        return [_text(kind, words) for kind, words in found]


def _text(kind: str, words: str) -> str:
    if kind == "text":
        return words
    return unquote_to_bytes(words.rpartition(" ")[2].replace("+", " ")).decode(
        "utf-16-be" if kind == "ucs-2" else "latin-1", "replace"
    )


@dataclass
class Kannel:
    """A running gateway."""

    folder: Path
    ports: Mapping[str, int]
    running: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.ports['sendsms']}"

    def run(self, name: str, *command: str) -> "subprocess.Popen[bytes]":
        with (self.folder / f"{name}.out").open("ab") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, cwd=self.folder, env={"PATH": PATH}
            )
        self.running.append(process)
        return process

    def admin(self, command: str) -> str:
        """Ask the gateway to do something."""
        url = f"http://127.0.0.1:{self.ports['admin']}/{command}"
        return httpx.get(url, params={"password": ADMIN, "smsc": "FAKE"}, timeout=10).text

    @contextmanager
    def phones(self, text: str = "", say: int = 0) -> Iterator[Phones]:
        """Connect the phone network; one phone says `text` so many times, a second apart."""
        output = self.folder / "phones.out"
        process = self.run(
            "phones",
            *(str(FAKE_SMSC), "-H", "127.0.0.1", "-r", str(self.ports["network"])),
            *("-i", "1", "-m", str(say), f"+15551230000 {LINE} {text or 'text unused'}"),
        )
        wait.until(lambda: "(online" in self.admin("status.txt"), 30, "the phone network's connection")
        try:
            yield Phones(output)
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """End a process that we started."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def gateway(folder: Path, inbound_url: str) -> Iterator[Kannel]:
    """Start Kannel with files in `folder`; texts of phones go to `inbound_url`."""
    programs = [shutil.which(name, path=PATH) for name in ("bearerbox", "smsbox")]
    if not all(programs) or not FAKE_SMSC.exists():
        pytest.skip("Kannel is not installed: apt-get install kannel kannel-extras")
    bearerbox, smsbox = (str(program) for program in programs)
    ports = {name: free_port() for name in ("admin", "boxes", "network", "sendsms")}
    config = folder / "kannel.conf"
    config.write_text(CONFIG.format(folder=folder, inbound=inbound_url, password=ADMIN, **ports))
    kannel = Kannel(folder, ports)
    try:
        kannel.run("bearerbox", bearerbox, "-v", "1", str(config))
        wait.until(lambda: _answers(lambda: kannel.admin("status.txt")), 30, "bearerbox")
        kannel.run("smsbox", smsbox, "-v", "1", str(config))
        wait.until(lambda: _answers(lambda: httpx.get(kannel.base_url, timeout=5)), 30, "smsbox")
        yield kannel
    finally:
        for process in reversed(kannel.running):
            end(process)


def _answers(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except httpx.TransportError:
        return False
    return True
