from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar
from urllib.parse import parse_qsl, quote, quote_from_bytes

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from tests.sender.fakes import (
    AT,
    BAD_NUMBER,
    Call,
    Fake,
    Refused,
    Taken,
    is_number,
    is_sender,
    only,
    query_of,
)

FIELDS = """username password from to text udh charset coding smsc dlr-mask dlr-url validity deferred priority
 account mclass alt-dcs meta-data binfo pid rpi compress mwi"""
KINDS = {State.SENT: "8", State.DELIVERED: "1", State.UNDELIVERED: "2", State.FAILED: "16"}


class KannelFake(Fake):
    """Only for what a real Kannel can't be made to do; test_kannel.py asks a real one."""

    kind = "kannel"
    settings: ClassVar = {"username": "tester", "password": "kannel-password"}
    refusal = (400, "http-400")
    gives_ids = False
    takes_media = 0

    def serve(self, call: Call) -> tuple[int, bytes]:
        if (call.method, call.path) != ("GET", "/cgi-bin/sendsms"):
            raise Refused(404, "Not found")
        raw = parse_qsl(call.query, keep_blank_values=True, strict_parsing=True, encoding="latin-1")
        found = {name: value.encode("latin-1") for name, value in raw}
        only(found, FIELDS, Refused(400, "Unknown field"))
        if (found["username"], found["password"]) != (b"tester", b"kannel-password"):
            raise Refused(403, "Authorization failed for sendsms")
        to, sender = found["to"].decode(), found["from"].decode()
        if not is_number(to) or to == BAD_NUMBER:
            raise Refused(400, "Missing receiver number, rejected")
        if found.get("coding") == b"2":
            if "charset" in found:
                raise Refused(400, "Charset or body misformed, rejected")
            text = found["text"].decode("utf-16-be")
        elif found.get("charset") == b"UTF-8":
            text = found["text"].decode()
        else:
            raise Refused(400, "Charset or body misformed, rejected")
        url = found["dlr-url"].decode()
        if not is_sender(sender) or not 0 < int(found["dlr-mask"]) < 32 or "%d" not in url:
            raise Refused(400, "Sender missing and no global set, rejected")
        if int(found.get("validity", b"1")) < 1:
            raise Refused(400, "Invalid validity")
        self.take(Taken(sender, to, text, (), url, query_of(url.partition("&d=")[0])["a"], ""))
        return 202, b"0: Accepted for delivery"

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        said = {State.UNDELIVERED: "id:1 sub:001 stat:UNDELIV err:001", State.FAILED: "NACK/0x0000000b/Bad"}
        url = told.callback.replace("%d", KINDS[state]).replace("%F", "f-1")
        url = url.replace("%A", quote(said.get(state, "ACK/"), safe=""))
        return Webhook(query_of(url), {}, b"", url, AT, "GET")

    @property
    def example(self) -> Taken:
        told = super().example
        return replace(told, callback=told.callback + "&d=%d&f=%F&r=%A")

    def text(self, content: str, event: int = 1) -> Webhook:
        plain = content.isascii()
        told = quote_from_bytes(content.encode() if plain else content.encode("utf-16-be"))
        url = (
            f"{self.hooks}/inbound?from=%2B15550104321&to=%2B15550100000"
            f"&coding={'0' if plain else '2'}&text={told}&id=in{event}"
        )
        return Webhook(query_of(url), {}, b"", url, AT, "GET")

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        return []
