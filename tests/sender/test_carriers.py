"""Every adapter keeps the contract. A new carrier needs a fake and two lines here."""

from domain.carrier_kinds import KINDS
from sender.carriers.registry import kinds
from tests.sender.carrier_contract import CarrierContract
from tests.sender.fakes.bandwidth import BandwidthFake
from tests.sender.fakes.kannel import KannelFake
from tests.sender.fakes.plivo import PlivoFake
from tests.sender.fakes.sandbox import SandboxFake
from tests.sender.fakes.sinch import SinchFake
from tests.sender.fakes.telnyx import TelnyxFake
from tests.sender.fakes.twilio import TwilioFake
from tests.sender.fakes.vonage import VonageFake


class TestSandbox(CarrierContract):
    fake = SandboxFake


class TestTwilio(CarrierContract):
    fake = TwilioFake


class TestTelnyx(CarrierContract):
    fake = TelnyxFake


class TestVonage(CarrierContract):
    fake = VonageFake


class TestPlivo(CarrierContract):
    fake = PlivoFake


class TestBandwidth(CarrierContract):
    fake = BandwidthFake


class TestSinch(CarrierContract):
    fake = SinchFake


class TestKannel(CarrierContract):
    fake = KannelFake


def test_every_kind_that_can_be_chosen_has_an_adapter_that_keeps_the_contract() -> None:
    tested = {contract.fake.kind for contract in CarrierContract.__subclasses__()}
    assert tested == set(kinds()) == set(KINDS)
