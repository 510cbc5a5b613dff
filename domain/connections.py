"""What a test of a carrier account's connection showed, in words for the person who set it up."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the carrier takes these credentials; if not, what is wrong and what to do."""

    works: bool
    title: str
    advice: str = ""


def worked(carrier: str) -> Checked:
    """The carrier answered as it does to those who may send."""
    return Checked(True, f"Connected: {carrier} accepts these credentials.")


def unchecked(carrier: str) -> Checked:
    """There is no harmless question to ask."""
    advice = "Send one message to your own number."
    return Checked(False, f"{carrier} can't be asked without sending a message.", advice)


def answered(carrier: str, status: int, sent_on_to: str = "") -> Checked:
    """The carrier's answer is not the one that proves the credentials."""
    if status in (401, 403):
        return Checked(
            False,
            f"{carrier} does not accept these credentials.",
            "Copy them again from the carrier's own pages. They may be a test account's.",
        )
    if status == 404:
        return Checked(
            False,
            f"{carrier} does not know this account.",
            "Check the account's ID, and the API address where you entered one.",
        )
    if status == 429:
        return Checked(
            False,
            f"{carrier} is asked too often right now.",
            "Nothing is proved yet. Wait a minute and test again.",
        )
    if 300 <= status < 400:
        where = f" to {sent_on_to}" if sent_on_to else ""
        return Checked(
            False, f"The API address sends us on{where}.", "Enter the address that the carrier names itself."
        )
    if status >= 500:
        return Checked(
            False,
            f"{carrier} has trouble of its own (HTTP status {status}).",
            "Nothing is proved yet. Look at its status page, and test again later.",
        )
    return Checked(
        False,
        f"What answers at this address is not {carrier} as we know it (HTTP status {status}).",
        "Check the API address.",
    )


def unreachable(host: str, cause: str) -> Checked:
    """Nothing could be asked; `cause` is the technical reason."""
    low = cause.lower()
    if "certificate" in low or "tls" in low or "ssl" in low:
        return Checked(
            False,
            f"The certificate of {host} is not valid, so nothing was sent to it.",
            "Check the API address. A gateway of your own needs a certificate that this machine trusts, or http://.",
        )
    if "dns" in low or "lookup" in low or "name or service" in low:
        return Checked(False, f"There is no machine called {host}.", "Check the spelling of the API address.")
    if "refused" in low:
        return Checked(
            False,
            f"{host} refuses the connection.",
            "Check the port in the API address, and that the carrier's gateway is running.",
        )
    return Checked(
        False, f"{host} can't be reached.", "Check the API address, and that this machine may connect to it."
    )


def silent(host: str, seconds: float) -> Checked:
    """The question went out, and no answer came in time."""
    return Checked(
        False,
        f"{host} did not answer within {seconds:g} seconds.",
        "Check the API address, and that no firewall is in between.",
    )
