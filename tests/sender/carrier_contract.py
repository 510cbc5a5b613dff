"""What every adapter keeps, whichever carrier it speaks to: its words, its wire, its way in.

A test class of a carrier names its fake and inherits `CarrierContract`; nothing else is needed.
"""

from tests.sender.contract.inbox import InboxContract
from tests.sender.contract.wire import WireContract


class CarrierContract(WireContract, InboxContract):
    """All of it; the values come with either."""
