"""Settings of the simulated Uniqodo for what is not documented (docs/providers.md#uniqodo)."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field

from couponbus_sandbox.simulator.settings import ProviderSettings, require_distinct
from couponbus_sandbox.uniqodo.promotions import (
    DEFAULT_HISTORIES,
    DEFAULT_PROMOTIONS,
    History,
    Promotion,
)

Hidden = Literal["present", "null", "missing"]
CALLBACK_ITEMS = (
    "id",
    "offerId",
    "merchantId",
    "distributorId",
    "code",
    "orderId",
    "orderValue",
    "discountValue",
    "currency",
    "customParams",
    "redeemedAt",
    "promotionId",
    "userId",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoKey:
    """A distributor and its key; all keys open the same promotions."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    api_key: Annotated[str, Field(pattern=r"^[!-~]+$")] = field(repr=False)
    distributor_id: Annotated[int, Field(gt=0)] = 102


DEFAULT_KEYS = (UniqodoKey(name="main", api_key="test-key-not-real"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoSettings(ProviderSettings):
    """All settings; the first four are fixed while a simulator runs."""

    FIXED = ("seed", "accounts", "promotions", "histories")

    seed: int = 0
    accounts: Annotated[tuple[UniqodoKey, ...], Field(min_length=1)] = DEFAULT_KEYS
    promotions: tuple[Promotion, ...] = DEFAULT_PROMOTIONS
    histories: tuple[History, ...] = DEFAULT_HISTORIES
    body: Literal["redemption", "totals"] = "redemption"
    result_on_success: Literal["present", "absent"] = "present"
    auth_status: Literal[200, 401, 403, 404] = 401
    unknown_promotion_status: Literal[200, 404] = 404
    error_status: Annotated[int, Field(ge=200, le=499)] = 200
    data: Hidden = "present"
    offer: Hidden = "present"
    records: Hidden = "present"
    errors: Hidden = "present"
    total_offset: int = 0
    redeemed_at_style: Literal["offset", "naive"] = "offset"
    reference: str | None = "TCJGGJGF"
    callback_url: str | None = None
    callback_ca: str | None = None
    callback_method: Literal["GET", "POST"] = "POST"
    callback_names: Mapping[str, str] = field(
        default_factory=lambda: {name: name for name in CALLBACK_ITEMS}
    )

    def __post_init__(self) -> None:
        require_distinct(((each.name, each.api_key) for each in self.accounts), what="key")
        if unknown := set(self.callback_names) - set(CALLBACK_ITEMS):
            raise ValueError(f"callback_names: there is no item {min(unknown)}")
        if self.callback_url is not None and not _is_on_this_machine(self.callback_url):
            raise ValueError("callback_url: it must be http(s):// and on this machine")
        if (self.callback_url or "").startswith("https:") and self.callback_ca is None:
            raise ValueError("callback_url: https needs callback_ca, the certificate to trust")


def _is_on_this_machine(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or parts.username is not None:
        return False
    if parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
