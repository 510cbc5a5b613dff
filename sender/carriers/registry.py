"""The carriers that a carrier account can be of."""

from collections.abc import Callable, Mapping

from domain.carrier_kinds import UnknownCarrier, check
from domain.carrier_settings import BadSetting
from sender.carriers.bandwidth import BandwidthCarrier
from sender.carriers.kannel import KannelCarrier
from sender.carriers.plivo import PlivoCarrier
from sender.carriers.protocol import Carrier
from sender.carriers.sandbox import SandboxCarrier
from sender.carriers.sinch import SinchCarrier
from sender.carriers.telnyx import TelnyxCarrier
from sender.carriers.twilio import TwilioCarrier
from sender.carriers.vonage import VonageCarrier


def adapter(kind: str, settings: Mapping[str, str]) -> Carrier:
    """The adapter for an account of `kind`. Raises UnknownCarrier or BadSetting."""
    build = _ADAPTERS.get(kind)
    if build is None:
        raise UnknownCarrier(f"There is no carrier of the kind “{kind}”; there is {', '.join(_ADAPTERS)}.")
    return build(check(kind, settings))


def kinds() -> tuple[str, ...]:
    """The kinds that there are."""
    return tuple(_ADAPTERS)


def _sandbox(settings: Mapping[str, str]) -> Carrier:
    if "base_url" not in settings:
        raise BadSetting("The address of the sandbox (base_url) is missing.", "base_url")
    delay = settings.get("delay_seconds")
    return SandboxCarrier(settings["base_url"], float(delay) if delay else None)


_ADAPTERS: Mapping[str, Callable[[Mapping[str, str]], Carrier]] = {
    "sandbox": _sandbox,
    "twilio": TwilioCarrier,
    "telnyx": TelnyxCarrier,
    "vonage": VonageCarrier,
    "plivo": PlivoCarrier,
    "bandwidth": BandwidthCarrier,
    "sinch": SinchCarrier,
    "kannel": KannelCarrier,
}
