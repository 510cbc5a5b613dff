"""The kinds of carrier that there are: what an account needs, what it can carry, what to paste where.

Limits for media are those of the carriers' own documentation. Where an operator finds what is asked for
changes now and then; docs/carriers.md says more.
"""

from collections.abc import Mapping

from domain.carrier_settings import CarrierKind, Field, Form, Hook, MediaLimits, Paste, checked
from domain.problems import Problem


class UnknownCarrier(Problem):
    """There is no carrier of this kind."""


def kind_of(name: str) -> CarrierKind:
    """The kind of that name. Raises UnknownCarrier."""
    found = KINDS.get(name)
    if found is None:
        raise UnknownCarrier(f"There is no carrier of the kind “{name}”; there is {', '.join(KINDS)}.")
    return found


def check(name: str, given: Mapping[str, str]) -> dict[str, str]:
    """The settings of an account of that kind, tidied. Raises UnknownCarrier or BadSetting."""
    return checked(kind_of(name).fields, given)


def _base_url(
    default: str, help_text: str = "Leave it as it is unless the carrier gave you another."
) -> Field:
    return Field("base_url", "API address", help_text, required=False, default=default, form=Form.ADDRESS)


_ANSWERS_KEYWORDS = Field(
    "answers_keywords",
    "Answers STOP, START and HELP itself",
    "Write yes if the carrier answers these words, as most do unless told otherwise: then this app does not.",
    required=False,
    form=Form.YES_NO,
)
_ON_EACH_MESSAGE = "Receipts need no set-up: each message tells the carrier where to send them."

_ALL = (
    CarrierKind(
        "sandbox",
        "Sandbox",
        (
            Field(
                "delay_seconds",
                "Longest wait for a receipt (seconds)",
                "Receipts come after 0 to this many seconds. Empty: up to 3.",
                required=False,
                form=Form.SECONDS,
            ),
            _base_url("", "Empty: the sandbox that this program brings along."),
        ),
        MediaLimits(10, 5_000_000),
        (),
        "Sends nothing to anybody. How a message ends depends on the last four digits of the number.",
    ),
    CarrierKind(
        "twilio",
        "Twilio",
        (
            Field("account_sid", "Account SID", "Console, Account Info. It begins with AC."),
            Field(
                "auth_token",
                "Auth token",
                "Console, Account Info. Also proves that receipts come from Twilio.",
                secret=True,
            ),
            Field(
                "messaging_service_sid",
                "Messaging Service SID",
                "It begins with MG. Empty: messages are sent from the line's own number.",
                required=False,
            ),
            _ANSWERS_KEYWORDS,
            _base_url("https://api.twilio.com"),
        ),
        MediaLimits(10, 5_000_000),
        (
            Paste(
                Hook.INBOUND,
                "Phone Numbers, your number, Messaging Configuration: “A message comes in”, Webhook, POST. "
                "With a Messaging Service: its Integration page, “Send a webhook”.",
            ),
        ),
        _ON_EACH_MESSAGE,
    ),
    CarrierKind(
        "telnyx",
        "Telnyx",
        (
            Field("api_key", "API key", "Mission Control, API Keys. It begins with KEY.", secret=True),
            Field(
                "public_key",
                "Public key",
                "Mission Control, API Keys, Public Key. Proves that receipts come from Telnyx.",
            ),
            Field(
                "messaging_profile_id",
                "Messaging profile ID",
                "Needed only when the line is a name or a pool of numbers.",
                required=False,
            ),
            _ANSWERS_KEYWORDS,
            _base_url("https://api.telnyx.com"),
        ),
        MediaLimits(10, 1_000_000),
        (
            Paste(
                Hook.INBOUND,
                "Messaging, your messaging profile: “Send a webhook to this URL”, API version 2.",
            ),
        ),
        _ON_EACH_MESSAGE,
    ),
    CarrierKind(
        "vonage",
        "Vonage",
        (
            Field("api_key", "API key", "Dashboard, API Settings."),
            Field("api_secret", "API secret", "Dashboard, API Settings.", secret=True),
            Field(
                "signature_secret",
                "Signature secret",
                "Dashboard, API Settings. Proves that receipts come from Vonage.",
                secret=True,
            ),
            Field(
                "application_id",
                "Application ID",
                "If given, calls that name another application are refused.",
                required=False,
            ),
            _ANSWERS_KEYWORDS,
            _base_url("https://api.nexmo.com"),
        ),
        MediaLimits(1, 600_000),
        (
            Paste(
                Hook.INBOUND,
                "Applications, your application, Messages: “Inbound URL”, version v1. Link the number to it.",
            ),
            Paste(Hook.STATUS, "The same page: “Status URL”. Vonage asks for it; messages name their own."),
        ),
        "In API Settings set “Default SMS Setting” to Messages API.",
    ),
    CarrierKind(
        "plivo",
        "Plivo",
        (
            Field("auth_id", "Auth ID", "Console, Overview."),
            Field(
                "auth_token",
                "Auth token",
                "Console, Overview. Also proves that receipts come from Plivo.",
                secret=True,
            ),
            Field(
                "powerpack_uuid",
                "Powerpack UUID",
                "Empty: messages are sent from the line's own number.",
                required=False,
            ),
            _ANSWERS_KEYWORDS,
            _base_url("https://api.plivo.com"),
        ),
        MediaLimits(10, 5_000_000),
        (
            Paste(
                Hook.INBOUND,
                "Messaging, Applications, your application: “Message URL”, POST. Link the number to it.",
            ),
        ),
        _ON_EACH_MESSAGE,
    ),
    CarrierKind(
        "bandwidth",
        "Bandwidth",
        (
            Field("account_id", "Account ID", "Dashboard, Account: the number of seven digits."),
            Field("username", "API user name", "The API token or user that sends messages."),
            Field("password", "API password", "", secret=True),
            Field("application_id", "Application ID", "Applications, your messaging application."),
            Field(
                "callback_username",
                "Callback user name",
                "Choose one, and enter the same in the messaging application.",
            ),
            Field(
                "callback_password",
                "Callback password",
                "Choose a long one. Proves that receipts come from Bandwidth.",
                secret=True,
            ),
            _ANSWERS_KEYWORDS,
            _base_url("https://messaging.bandwidth.com"),
        ),
        MediaLimits(10, 3_750_000),
        (
            Paste(Hook.INBOUND, "Applications, your messaging application: “Inbound callback URL”."),
            Paste(Hook.STATUS, "The same page: “Status callback URL”. Switch on message status callbacks."),
        ),
        "Enter the callback user name and password on the same page, for both addresses.",
    ),
    CarrierKind(
        "sinch",
        "Sinch",
        (
            Field("service_plan_id", "Service plan ID", "Dashboard, SMS, Service APIs."),
            Field("api_token", "API token", "The same page.", secret=True),
            Field(
                "webhook_secret",
                "Webhook secret",
                "Ask Sinch to sign callbacks, and enter the secret here. "
                "Empty: only the secret part of the address protects them.",
                secret=True,
                required=False,
            ),
            _ANSWERS_KEYWORDS,
            _base_url(
                "https://us.sms.api.sinch.com",
                "The region of the service plan: us, eu, au, br or ca in front.",
            ),
        ),
        MediaLimits(1, 1_000_000),
        (Paste(Hook.INBOUND, "SMS, Service APIs, your plan: “Callback URLs”."),),
        _ON_EACH_MESSAGE,
    ),
    CarrierKind(
        "kannel",
        "Kannel (own gateway)",
        (
            Field("username", "User name", "Of the sendsms-user group in Kannel's configuration."),
            Field("password", "Password", "Of the same group.", secret=True),
            Field("smsc", "SMSC", "The smsc-id to send by. Empty: Kannel chooses.", required=False),
            _base_url("http://127.0.0.1:13013", "Where smsbox listens for sendsms."),
        ),
        None,
        (
            Paste(
                Hook.INBOUND,
                "The sms-service group with keyword = default: get-url. Set max-messages = 0 there.",
                "?from=%p&to=%P&coding=%c&text=%b&id=%I",
            ),
        ),
        _ON_EACH_MESSAGE,
    ),
)

KINDS: Mapping[str, CarrierKind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name."""
