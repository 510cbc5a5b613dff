"""Whether carriers can reach this program, and what does not work where they can't."""

from urllib.parse import urlsplit

from domain.settings import LOOPBACK

SANDBOX = "sandbox"
CALLS, PICTURES, LINKS = (
    "receipts and replies don't come in",
    "pictures can't be fetched",
    "links lead nowhere",
)


def is_local(address: str) -> bool:
    """Whether an address names this very machine only."""
    return (urlsplit(address).hostname or "").lower() in LOOPBACK


def unreachable(
    address: str, kind: str, carrier_url: str, *, pictures: bool = False, links: bool = False
) -> tuple[str, ...]:
    """What does not work with a carrier, as SMS_PUBLIC_URL (`address`) is out of its and people's reach.

    The sandbox, and a gateway on this machine, come in by loopback.
    """
    if kind == SANDBOX or not is_local(address):
        return ()
    near = is_local(carrier_url)
    found = [(CALLS, not near), (PICTURES, pictures and not near), (LINKS, links)]
    return tuple(words for words, applies in found if applies)


def warning(broken: tuple[str, ...]) -> str:
    """What it means and what to do; "" where nothing is broken."""
    if not broken:
        return ""
    *most, last = broken
    what = f"{', '.join(most)} and {last}" if most else last
    return (
        f"From outside nobody reaches this program, so {what}. Set SMS_PUBLIC_URL to where the internet "
        "reaches it, and start it again."
    )
