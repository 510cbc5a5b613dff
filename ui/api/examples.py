"""An example of every body and answer, by the name of its schema; put into the OpenAPI document.

They tell one story: a campaign "Spring sale" on line 1 to list 1, as docs/api.md has it.
"""

from collections.abc import Iterator, Mapping
from typing import Any

NUMBER, OURS = "+12125550123", "+14155550100"
MADE, BEGINS, ENDS = "2026-11-23T12:00:00Z", "2026-11-30T14:30:00Z", "2026-11-30T14:42:00Z"
TEXT = "Doors open at 9. Reply STOP to opt out."
CURSOR = "WzI1XQ"
"""What a `next` looks like; it means nothing but to the program."""

TALLY = {"queued": 0, "sent": 12, "delivered": 981, "undelivered": 5, "failed": 2}
CAMPAIGN = {
    "id": 1,
    "name": "Spring sale",
    "status": "scheduled",
    "start_at": BEGINS,
    "timezone": "America/New_York",
    "created_by": "Ada Park",
    "message_count": 1,
    "list_name": "Spring leads",
    "line_label": "Main number",
    "actions": ["Edit Schedule", "Stop Campaign", "Clone Campaign"],
}
ATTACHMENT = {"id": 4, "filename": "sale.png", "content_type": "image/png", "bytes": 48213}
MESSAGE = {
    "id": 1,
    "campaign_id": 1,
    "position": 1,
    "text": TEXT,
    "send_at": BEGINS,
    "recipient_local": False,
    "expire_after_minutes": 1440,
    "shorten_links": False,
    "state": "scheduled",
    "attachments": [],
}
CARRIER = {
    "id": 1,
    "name": "Main account",
    "kind": "sandbox",
    "webhooks": {
        "status": "https://sms.example.com/webhooks/sandbox/3f9c/status",
        "inbound": "https://sms.example.com/webhooks/sandbox/3f9c/inbound",
    },
    "created_at": MADE,
}
CONSENT = {
    "phone": NUMBER,
    "given_at": "2026-11-01T09:30:00Z",
    "source": "shop.example/join",
    "text": "Yes, text me offers.",
    "address": "203.0.113.7",
}
LINE = {
    "label": "Main number",
    "number": OURS,
    "carrier_id": 1,
    "kind": "ten_dlc",
    "rate_per_second": 4,
    "price_per_segment": 0.0079,
    "minute_cap": 240,
    "daily_cap": 10_000,
    "day_zone": "America/Los_Angeles",
}
CONTACT = {
    "phone": NUMBER,
    "first_name": "Maya",
    "last_name": "Silva",
    "email": "maya@example.com",
    "timezone": "America/New_York",
    "fields": {"plan": "gold"},
}
SUPPRESSION = {"phone": NUMBER, "reason": "Asked us by phone"}

EXAMPLES: Mapping[str, Any] = {
    # what is sent
    "NewCarrier": {"name": "Main account", "kind": "sandbox", "settings": {"delay_seconds": 1}},
    "CarrierChange": {"name": "Main account, EU", "settings": {"delay_seconds": 2}},
    "NewLine": LINE,
    "LineChange": {"rate_per_second": 10, "daily_cap": 50_000},
    "NewList": {"name": "Spring leads"},
    "NewContact": CONTACT,
    "NewCampaign": {
        "name": "Spring sale",
        "channel": "sms",
        "line_id": 1,
        "list_id": 1,
        "opt_in_acknowledged": True,
        "timezone": "America/New_York",
    },
    "DetailsChange": {"name": "Spring sale, week 2"},
    "NewMessage": {"text": TEXT, "send_at": BEGINS},
    "MessageChange": {"send_at": "2026-12-01T14:30:00Z"},
    "Decision": {"choice": "send_now"},
    "Resumption": {"overdue": {"1": "send_now"}},
    "Body_upload_v1_attachments_post": {"file": "(the content of sale.png)"},
    "NewSuppression": SUPPRESSION,
    "LiftedSuppression": {"phone": NUMBER},
    "NewConsent": CONSENT,
    "NewWebhook": {"url": "https://example.com/sms-events", "kinds": ["campaign.status_changed"]},
    "WebhookChange": {"active": False},
    # what is answered
    "Carrier": CARRIER,
    "CarrierInFull": CARRIER | {"settings": {"delay_seconds": "1"}},
    "LineShown": {"id": 1} | LINE | {"restricted": False, "blocked_reason": None, "created_at": MADE},
    "ListShown": {"id": 1, "name": "Spring leads", "size": 1000, "created_at": MADE},
    "AddedContacts": {
        "added": 998,
        "updated": 1,
        "invalid": [{"index": 7, "phone": "12", "reason": "Too short to be a phone number."}],
    },
    "ContactShown": {"id": 1} | CONTACT | {"invalid_reason": None, "created_at": MADE},
    "CampaignRow": CAMPAIGN | {"tally": {}},
    "CampaignShown": CAMPAIGN
    | {
        "channel": "sms",
        "archived": False,
        "pause_reason": None,
        "line_id": 1,
        "list_id": 1,
        "owner_id": 1,
        "owner": "Ada Park",
        "opt_in_acknowledged": True,
        "started_at": None,
        "completed_at": None,
        "created_at": MADE,
        "messages": [MESSAGE],
    },
    "MessageShown": MESSAGE,
    "AttachmentShown": ATTACHMENT,
    "Queued": {"queued": 3},
    "Preflight": {
        "audience": {
            "listed": 1000,
            "duplicates": 0,
            "invalid": 3,
            "opted_out": 12,
            "no_consent": 0,
            "to_send": 985,
        },
        "messages": [
            {
                "id": 1,
                "position": 1,
                "encoding": "GSM-7",
                "people": 973,
                "segments": {"1": 913, "2": 60},
                "cost": 8.16,
                "starts_at": BEGINS,
                "ends_at": ENDS,
                "held": 40,
                "expiring": 0,
                "capped": 12,
                "already": 0,
            }
        ],
        "cost": 8.16,
        "warnings": [
            "Quiet hours hold 40 people of 973 until their hours begin.",
            "12 people won't get it, as they will have had as many texts by then as your workspace allows.",
        ],
        "ready": True,
    },
    "ResultsShown": {
        "status": "running",
        "line_held": None,
        "pause_reason": None,
        "audience": 1000,
        "left_out": {"opted_out": 12},
        "messages": [
            {"id": 1, "position": 1, "send_at": BEGINS, "state": "sending", "tally": TALLY, "links": []}
        ],
        "tally": TALLY,
    },
    "DeliveryShown": {
        "phone": NUMBER,
        "message_id": 1,
        "state": "delivered",
        "reason": None,
        "error_code": None,
        "carrier_message_id": "SM3f9c",
        "attempts": 1,
        "sent_at": BEGINS,
        "finished_at": ENDS,
    },
    "SuppressionShown": SUPPRESSION | {"source": "api", "created_at": MADE},
    "ConsentShown": CONSENT | {"recorded_by": "Shop", "recorded_at": MADE},
    "InboundShown": {
        "id": 9,
        "from": NUMBER,
        "to": OURS,
        "text": "Is this still on?",
        "received_at": ENDS,
        "campaign_id": 1,
        "kind": "reply",
    },
    "WebhookShown": {
        "id": 1,
        "url": "https://example.com/sms-events",
        "kinds": ["campaign.status_changed"],
        "active": True,
        "waiting": 0,
        "failed": 0,
        "created_at": MADE,
        "switched_off_at": None,
        "switched_off_why": None,
    },
    "WebhookMade": {"id": 1, "secret": "whsec_…"},
    "CallShown": {
        "id": 31,
        "event_id": "evt_5d41402abc4b2a76b9719d91",
        "kind": "campaign.status_changed",
        "state": "delivered",
        "attempts": 1,
        "status": 204,
        "detail": "",
        "created_at": BEGINS,
        "finished_at": BEGINS,
    },
    "EntryShown": {
        "id": 77,
        "at": MADE,
        "user_id": 1,
        "user": "Ada Park",
        "address": "203.0.113.7",
        "action": "schedule",
        "kind": "campaign",
        "object_id": 1,
        "before": {"status": "draft"},
        "after": {"status": "scheduled"},
    },
}


def illustrate(document: dict[str, Any]) -> dict[str, Any]:
    """Put an example beside the schema of every body and every good answer."""
    for content in contents(document):
        content["example"] = _example(content["schema"])
    return document


def contents(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Every body and every good answer that has one."""
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation.get("requestBody", {}).get("content", {}).values()
            for status, answer in operation["responses"].items():
                if status.startswith("2"):
                    yield from answer.get("content", {}).values()


def _example(schema: Mapping[str, Any]) -> Any:
    if "anyOf" in schema:
        return _example(schema["anyOf"][0])
    if schema.get("type") == "array":
        return [_example(schema["items"])]
    name = schema["$ref"].rpartition("/")[2]
    if name.startswith("Page_"):
        return {"items": [EXAMPLES[name.removeprefix("Page_").rstrip("_")]], "next": CURSOR}
    return EXAMPLES[name]
