"""A provider account that may tell us that something was redeemed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackAccount:
    """For which tenant it speaks, and what it calls the two things that we read.

    `secret_id` names the secret that stands in the path, it is never the secret itself.
    """

    name: str
    secret_id: str
    tenant: str = "default"
    promotion_field: str = "promotionId"
    user_field: str = "userId"
