import json
from typing import ClassVar

from domain.deliveries import State
from sender.carriers.protocol import Webhook
from tests.sender.fakes import AT, BAD_NUMBER, Call, Fake, Refused, Taken, is_address, only, query_of

FIELDS = "from to text media callback delay_seconds"


class SandboxFake(Fake):
    kind = "sandbox"
    settings: ClassVar = {"delay_seconds": "0"}
    refusal = (400, "invalid_number")

    def serve(self, call: Call) -> tuple[int, bytes]:
        wrong = Refused(400, {"code": "bad_request", "message": "This is not as it should be."})
        if (call.method, call.path) != ("POST", "/messages"):
            raise wrong
        found = call.json()
        only(found, FIELDS, wrong)
        if found["to"] == BAD_NUMBER:
            raise Refused(400, {"code": "invalid_number", "message": "No such number."})
        media, callback = found["media"], str(found["callback"])
        if not isinstance(media, list) or not is_address(callback):
            raise wrong
        to, text, message_id = str(found["to"]), str(found["text"]), self.next_id()
        self.take(
            Taken(str(found["from"]), to, text, tuple(media), callback, query_of(callback)["a"], message_id)
        )
        return 202, json.dumps({"id": message_id}).encode()

    def receipt(self, told: Taken, state: State, event: int = 1) -> Webhook:
        said = {"id": told.message_id, "status": str(state), "event_id": f"{told.message_id}-{event}"}
        if state is State.UNDELIVERED:
            said["code"] = "landline"
        return Webhook(query_of(told.callback), {}, json.dumps(said).encode(), told.callback, AT)

    def text(self, content: str, event: int = 1) -> Webhook:
        said = {"event_id": f"e{event}", "from": "+15550104321", "to": "+15550100000", "text": content}
        return Webhook({}, {}, json.dumps(said).encode(), f"{self.hooks}/inbound", AT)

    def forged(self, webhook: Webhook) -> list[Webhook]:
        return []
