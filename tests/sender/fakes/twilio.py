import json
import re
from collections.abc import Iterable
from dataclasses import replace
from email.utils import format_datetime
from typing import ClassVar
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

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
    query_of,
)

ACCOUNT, TOKEN = "AC" + "0" * 32, "twilio-auth-token"
FIELDS = """To From MessagingServiceSid FallbackFrom Body MediaUrl StatusCallback ApplicationSid MaxPrice
 ProvideFeedback Attempt ValidityPeriod ForceDelivery ContentRetention AddressRetention SmartEncoded
 PersistentAction TrafficType ShortenUrls ScheduleType SendAt SendAsMms ContentSid ContentVariables
 RiskCheck"""
FILTERS = "To From DateSent DateSent< DateSent> PageSize Page PageToken"
WORDS = {
    State.SENT: ("sent", ""),
    State.DELIVERED: ("delivered", ""),
    State.UNDELIVERED: ("undelivered", "30003"),
    State.FAILED: ("failed", "30007"),
}


def wrong(code: int, status: int = 400) -> Refused:
    return Refused(
        status, {"code": code, "message": f"Twilio says {code}", "status": status, "more_info": "…"}
    )


class TwilioFake(Fake):
    kind = "twilio"
    settings: ClassVar = {"account_sid": ACCOUNT, "auth_token": TOKEN}
    refusal = (400, "21211")

    def serve(self, call: Call) -> tuple[int, bytes]:
        if call.path != f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json":
            raise wrong(20404, 404)
        if call.headers.get("authorization") != basic(ACCOUNT, TOKEN):
            raise wrong(20003, 401)
        return self.listed(call) if call.method == "GET" else self.create(call)

    def create(self, call: Call) -> tuple[int, bytes]:
        if call.headers["content-type"] != "application/x-www-form-urlencoded":
            raise wrong(20001)
        form = call.form()
        only((name for name, _ in form), FIELDS, wrong(20001))
        found = dict(form)
        media = tuple(value for name, value in form if name == "MediaUrl")
        if found["To"] == BAD_NUMBER or not is_number(found["To"]):
            raise wrong(21211)
        if ("From" in found) is ("MessagingServiceSid" in found):
            raise wrong(21603)
        if not is_sender(found.get("From", "1234")):
            raise wrong(21212)
        if not re.fullmatch("MG[0-9a-f]{32}", found.get("MessagingServiceSid", "MG" + "0" * 32)):
            raise wrong(21701)
        if not found.get("Body") and not media:
            raise wrong(21602)
        if len(found.get("Body", "")) > 1600:
            raise wrong(21617)
        if len(media) > 10 or not all(map(is_address, media)):
            raise wrong(21623 if len(media) > 10 else 21620)
        callback, _, overrides = found["StatusCallback"].partition("#")
        if not is_address(callback) or not re.fullmatch(r"rc=[1-5]&rp=(4xx|5xx|ct|rt|all|,)+", overrides):
            raise wrong(21609)
        if not 1 <= int(found.get("ValidityPeriod", "36000")) <= 36_000:
            raise wrong(21625)
        sid = f"{'MM' if media else 'SM'}{len(self.taken) + 1:032x}"
        attempt = query_of(callback)["a"]
        self.take(
            Taken(found.get("From", ""), found["To"], found.get("Body", ""), media, callback, attempt, sid)
        )
        return 201, json.dumps(self.shown(self.taken[-1])).encode()

    def listed(self, call: Call) -> tuple[int, bytes]:
        asked = call.asked()
        only(asked, FILTERS, wrong(20001))
        found = [
            self.shown(one)
            for one in self.taken
            if one.recipient == asked.get("To", one.recipient) and one.sender == asked.get("From", one.sender)
        ]
        return 200, json.dumps({"messages": found, "next_page_uri": None, "page": 0}).encode()

    def shown(self, one: Taken) -> dict[str, object]:
        return {
            "sid": one.message_id,
            "account_sid": ACCOUNT,
            "to": one.recipient,
            "from": one.sender,
            "body": one.text,
            "status": "queued",
            "direction": "outbound-api",
            "date_created": format_datetime(one.made_at),
            "date_sent": None,
            "error_code": None,
            "error_message": None,
            "num_segments": "1",
            "num_media": str(len(one.media)),
            "price": None,
        }

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        status, code = WORDS[state]
        form = {
            "MessageSid": told.message_id,
            "SmsSid": told.message_id,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": "+15550104321",
            "From": told.sender,
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            **({"ErrorCode": code} if code else {}),
        }
        return self.signed(told.callback, form)

    def text(self, content: str, event: int = 1) -> Webhook:
        form = {
            "MessageSid": f"SM{event:032x}",
            "AccountSid": ACCOUNT,
            "From": "+15550104321",
            "To": "+15550100000",
            "Body": content,
            "NumMedia": "0",
            "FromCountry": "US",
        }
        return self.signed(f"{self.hooks}/inbound", form)

    def signed(self, url: str, form: dict[str, str]) -> Webhook:
        signature = RequestValidator(TOKEN).compute_signature(url, form)
        return Webhook(query_of(url), {"x-twilio-signature": signature}, urlencode(form).encode(), url, AT)

    def forged(self, webhook: Webhook) -> Iterable[Webhook]:
        yield from super().forged(webhook)
        yield replace(webhook, url=webhook.url + "0")  # told for one attempt, used for another
