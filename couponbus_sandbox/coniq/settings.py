"""Settings of the simulated Coniq for what is not documented (docs/providers.md#coniq)."""

from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from couponbus_sandbox.simulator.references import ReferenceChange
from couponbus_sandbox.simulator.settings import ProviderSettings, require_distinct

Channel = Literal["PAPER", "MAIL", "SMS", "MOBILE", "ECOMMERCE"]
PositiveId = Annotated[int, Field(gt=0)]
Seconds = Annotated[float, Field(ge=0, le=10**9)]
ALL_FILTERS = (
    "customer_email",
    "offer_id",
    "customer_id",
    "barcode_number",
    "tracking_code",
    "channel",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAccount:
    """A brand with a key of its own: it sees its own customers, offers and barcodes only."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1)]
    api_key: Annotated[str, Field(pattern=r'^[^"\s]+$')] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An offer or a loyalty program; without validity_days its barcodes do not expire."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    offer_id: PositiveId
    kind: Literal["offer", "loyalty"] = "offer"
    requires_activation: bool = False
    validity_days: Annotated[int, Field(ge=0, le=36_500)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignupForm:
    """A sign-up form, named by the seven characters of its URL; it may issue by itself."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    form_hash: Annotated[str, Field(pattern=r"^[A-Za-z0-9]{7}$")]
    offer_id: PositiveId
    channel: Channel = "MAIL"
    issues_barcode: bool = False


DEFAULT_ACCOUNTS = (ApiAccount(name="main", api_key="test-key-not-real"),)
DEFAULT_OFFERS = (
    Offer(offer_id=101, validity_days=30),
    Offer(offer_id=102),
    Offer(offer_id=201, kind="loyalty", requires_activation=True),
    Offer(offer_id=202, kind="loyalty"),
)
DEFAULT_FORMS = (
    SignupForm(form_hash="signup1", offer_id=101),
    SignupForm(form_hash="issues1", offer_id=101, issues_barcode=True),
)
OPEN_WORLD_VALIDITY_DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class ConiqSettings(ProviderSettings):
    """All settings; the first four are fixed while a simulator runs."""

    FIXED = ("seed", "accounts", "offers", "forms")

    seed: int = 0
    accounts: Annotated[tuple[ApiAccount, ...], Field(min_length=1)] = DEFAULT_ACCOUNTS
    offers: tuple[Offer, ...] = DEFAULT_OFFERS
    forms: tuple[SignupForm, ...] = DEFAULT_FORMS
    open_world: bool = True
    batch_mode: Literal["atomic", "partial"] = "partial"
    batch_answer: Literal["array", "barcodes_errors", "data_errors", "successes_failures"] = "array"
    batch_request_envelope: str | None = None
    batch_max: Annotated[int, Field(ge=1)] = 200
    error_items: Literal["index", "index_and_ids"] = "index"
    error_style: Literal["list", "symfony", "error", "text"] = "list"
    duplicates: Literal["new", "reuse"] = "new"
    extra_fields: Literal["reject", "ignore"] = "reject"
    tracking_code_max: Annotated[int, Field(ge=1)] = 64
    filters: tuple[str, ...] = ALL_FILTERS
    unknown_filters: Literal["reject", "ignore"] = "reject"
    filtering: Literal["applied", "ignored"] = "applied"
    list_answer: Literal["array", "barcodes", "data", "single"] = "array"
    list_cap: Annotated[int, Field(ge=1)] | None = None
    reference_kept: ReferenceChange | None = None
    reference_shown: ReferenceChange | None = None
    customers_per_email: Annotated[int, Field(ge=1, le=9)] = 1
    unknown_customer: Literal["empty", "not_found"] = "empty"
    customer_delay_seconds: Seconds = 0.0
    barcode_delay_seconds: Seconds = 0.0
    absent_fields: Literal["null", "omit"] = "null"
    datetime_style: Literal["offset", "naive"] = "offset"

    def __post_init__(self) -> None:
        require_distinct(((each.name, each.api_key) for each in self.accounts), what="key")
