import json
import re
from collections.abc import Iterable
from dataclasses import replace
from typing import ClassVar

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from sender.carriers.signatures import basic
from tests.sender.fakes import (
    AT,
    BAD_NUMBER,
    Call,
    Fake,
    Refused,
    Taken,
    is_address,
    is_number,
    is_sender,
    only,
)

FIELDS = "applicationId to from text media tag priority expiration"
FILTERS = """messageId sourceTn destinationTn messageStatus messageDirection carrierName messageType errorCode
 fromDateTime toDateTime campaignId sort pageToken limit limitTotalCount"""
WORDS = {
    State.SENT: ("message-sent", None),
    State.DELIVERED: ("message-delivered", None),
    State.UNDELIVERED: ("message-failed", 4702),
    State.FAILED: ("message-failed", 4775),
}


def wrong(kind: str = "request-validation", status: int = 400) -> Refused:
    return Refused(status, {"type": kind, "description": f"Bandwidth says {kind}"})


class BandwidthFake(Fake):
    kind = "bandwidth"
    settings: ClassVar = {
        "account_id": "5500000",
        "username": "api-user",
        "password": "bandwidth-password",
        "application_id": "app-1",
        "callback_username": "caller",
        "callback_password": "callback-password",
    }
    refusal = (400, "request-validation")

    def serve(self, call: Call) -> tuple[int, bytes]:
        if call.path != "/api/v2/users/5500000/messages":
            raise wrong("not-found", 404)
        if call.headers.get("authorization") != basic("api-user", "bandwidth-password"):
            raise wrong("unauthorized", 401)
        return self.listed(call) if call.method == "GET" else self.create(call)

    def create(self, call: Call) -> tuple[int, bytes]:
        if call.headers["content-type"] != "application/json":
            raise wrong("unsupported-content-type", 415)
        found = call.json()
        only(found, FIELDS, wrong())
        to, media, text, tag = found["to"], found.get("media", []), found.get("text", ""), found["tag"]
        if not isinstance(to, list) or len(to) != 1 or not is_number(to[0]) or to[0] == BAD_NUMBER:
            raise wrong()
        if found["applicationId"] != "app-1" or not is_sender(found["from"]):
            raise wrong()
        if not isinstance(media, list) or not all(map(is_address, media)):
            raise wrong()
        if not isinstance(text, str) or len(text) > 2048 or not (text or media):
            raise wrong()
        if not isinstance(tag, str) or len(tag) > 1024:
            raise wrong()
        moment = str(found.get("expiration", "2026-11-24T12:00:00Z"))
        if (
            not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", moment)
            or moment <= f"{AT:%Y-%m-%dT%H:%M:%SZ}"
        ):
            raise wrong()
        message_id = self.next_id()
        where = f"{self.hooks}/status"  # set once for all, in the application
        self.take(Taken(str(found["from"]), to[0], text, tuple(media), where, tag, message_id))
        answer = {"id": message_id, "owner": found["from"], "direction": "out", "to": to, "tag": tag}
        return 202, json.dumps(answer).encode()

    def listed(self, call: Call) -> tuple[int, bytes]:
        asked = call.asked()
        only(asked, FILTERS, wrong())
        found = [
            {
                "messageId": one.message_id,
                "sourceTn": one.sender,
                "destinationTn": one.recipient,
                "messageStatus": "SENDING",
                "messageDirection": "OUTBOUND",
                "messageType": "sms",
                "segmentCount": 1,
                "receiveTime": f"{one.made_at:%Y-%m-%dT%H:%M:%S.000Z}",
            }
            for one in self.taken
            if (one.sender, one.recipient) == (asked["sourceTn"], asked["destinationTn"])
            and asked["fromDateTime"] <= f"{one.made_at:%Y-%m-%dT%H:%M:%S.000Z}" <= asked["toDateTime"]
        ]
        return 200, json.dumps({"totalCount": len(found), "pageInfo": {}, "messages": found}).encode()

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        kind, code = WORDS[state]
        message = {
            "id": told.message_id,
            "owner": told.sender,
            "applicationId": "app-1",
            "segmentCount": 1,
            "direction": "out",
            "to": ["+15550104321"],
            "from": told.sender,
            "tag": told.reference,
        }
        said: dict[str, object] = {"time": "2026-11-23T12:00:00Z", "type": kind, "to": "+15550104321"}
        said |= {"message": message, **({"errorCode": code} if code else {})}
        return self.called([said], told.callback)

    def text(self, content: str, event: int = 1) -> Webhook:
        message = {
            "id": f"in{event}",
            "owner": "+15550100000",
            "direction": "in",
            "to": ["+15550100000"],
            "from": "+15550104321",
            "text": content,
        }
        said = {"time": "2026-11-23T12:00:00Z", "type": "message-received", "to": "+15550100000"}
        return self.called([{**said, "message": message}], f"{self.hooks}/inbound")

    def called(self, events: list[dict[str, object]], url: str) -> Webhook:
        headers = {"authorization": basic("caller", "callback-password")}
        return Webhook({}, headers, json.dumps(events).encode(), url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield replace(webhook, headers={})
        yield replace(webhook, headers={"authorization": basic("caller", "guessed")})
