"""An account (brand) at Coniq: its address, its secret, its limits."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from couponbus.domain.brake import BrakeLimits

BATCH_MAX = 200


class Lookup(StrEnum):
    """How a look-up searches for a barcode; the answer is always filtered here too."""

    TRACKING_CODE = "tracking_code"
    CUSTOMER_AND_OFFER = "customer_and_offer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Frozen settings of one account; `secret_id` names the secret, it is never the key itself.

    `absence_status` is the status, other than a success, with which a look-up says in the
    provider's own form that there is nothing: 404, where `couponbus probe` saw it, or None.
    The settings that begin with `brake` are its `BrakeLimits`.
    """

    name: str
    base_url: str
    secret_id: str
    calls_per_second: float = 3.0
    batch_max: int = BATCH_MAX
    batch_envelope: str | None = None
    lookup: Lookup = Lookup.TRACKING_CODE
    item_errors_trusted: bool = False
    absence_status: Literal[404] | None = None
    brake_share: float = 0.2
    brake_items: int = 20
    brake_answers: int = 3

    @property
    def brake(self) -> BrakeLimits:
        """The limits at which its POSTs are braked."""
        return BrakeLimits(
            share=self.brake_share, items=self.brake_items, answers=self.brake_answers
        )
