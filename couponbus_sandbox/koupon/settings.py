"""Settings of the simulated Koupon for what is not documented (docs/providers.md#koupon-media)."""

from dataclasses import dataclass, field
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field

from couponbus_sandbox.koupon.world import DEFAULT_OFFERS, DEFAULT_STORES, Offer, Store
from couponbus_sandbox.simulator.settings import ProviderSettings, require_distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """An account that may call: an identifier, and the secret that signs its calls."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    identifier: Annotated[str, Field(pattern=r"^[!-~]+$")]
    secret: Annotated[str, Field(pattern=r"^[!-~]+$")] = field(repr=False)


DEFAULT_ACCOUNTS = (Access(name="main", identifier="test-identifier", secret="test-secret"),)  # noqa: S106


@dataclass(frozen=True, slots=True, kw_only=True)
class KouponSettings(ProviderSettings):
    """All settings; the first four are fixed while a simulator runs."""

    FIXED = ("seed", "accounts", "offers", "stores")

    seed: int = 0
    accounts: Annotated[tuple[Access, ...], Field(min_length=1)] = DEFAULT_ACCOUNTS
    offers: tuple[Offer, ...] = DEFAULT_OFFERS
    stores: tuple[Store, ...] = DEFAULT_STORES
    open_world: bool = True
    public_base_url: Annotated[str, Field(pattern=r"^https?://[^/?#]+$")] | None = None
    signature_ttl_seconds: Annotated[float, Field(gt=0)] = 300.0
    clock_skew_seconds: Annotated[float, Field(ge=-(10**9), le=10**9)] = 0.0
    after_signature: Literal["honour", "refuse"] = "honour"
    accept: Literal["json", "any"] = "json"
    timezone: str = "America/Chicago"
    publishedonly: Literal["sane", "literal"] = "sane"
    unknown_ids: Literal["omit", "not_found"] = "omit"
    nothing_left: Literal["not_found", "empty"] = "not_found"
    code: Literal["number", "string"] = "number"
    version: str = "2"
    offer_id: Literal["number", "string"] = "number"
    valid_at_stores: Literal["objects", "ids"] = "objects"
    absent_fields: Literal["null", "omit"] = "null"
    error_style: Literal["message", "errors", "store_connect", "text"] = "message"

    def __post_init__(self) -> None:
        require_distinct(
            ((each.name, each.identifier) for each in self.accounts), what="identifier"
        )
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError):
            raise ValueError("timezone: it is not a name such as America/Chicago") from None
