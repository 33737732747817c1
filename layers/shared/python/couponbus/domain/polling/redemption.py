"""The redemptions of a customer's codes, independent of their provider."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from couponbus.domain.masking import masked


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedTime:
    """A time in the provider's words; `at` is in UTC, None when they could not be read.

    `tz_assumed` says that the words named no zone, so that the account's was taken.
    """

    raw: str = field(repr=False)
    at: datetime | None = None
    tz_assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomParams:
    """What a shop attached to a redemption; `values` is None when `raw` is no JSON object."""

    raw: str = field(repr=False)
    values: Mapping[str, object] | None = field(default=None, repr=False, compare=False)

    @property
    def is_broken(self) -> bool:
        """Whether only the raw text can be used."""
        return self.values is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redemption:
    """One use of a code; what the provider does not state, or not in a known form, is None.

    Distributor and id together identify it for ever. Money is without rounding, in `currency`.
    `doubtful` are the names of the fields that had no known form.
    """

    redemption_id: str
    distributor_id: str | None
    merchant_id: str | None
    offer_id: str | None
    code: str | None
    order_id: str | None
    order_value: Decimal | None
    discount_value: Decimal | None
    currency: str | None
    redeemed_at: StatedTime | None
    custom_params: CustomParams | None = None
    tags: Sequence[str] = ()
    doubtful: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Show the names only: the code is worth money, the order leads to a person."""
        code = None if self.code is None else masked(self.code)
        return f"Redemption({self.redemption_id!r}, code={code!r}, at={self.redeemed_at!r})"


class ProblemKind(StrEnum):
    """Why a customer cannot use the code (again); the list of reasons is open."""

    REDEEMED = "redeemed"  # the normal end of a code that can be used once
    UNRECOGNISED = "unrecognised"  # the provider knows no code of this customer
    RULE = "rule"  # a rule of the promotion; the message is fit for the customer
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeProblem:
    """One reason, for the request as a whole and not for one of the redemptions.

    `code` is the provider's number, None when it gave none.
    """

    kind: ProblemKind
    code: int | None
    message: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferFacts:
    """The offer behind the codes, without its master code: that one has no limit.

    Where the zone's clock leaves a choice, starts are the earliest and ends the latest moment.
    """

    offer_id: str | None
    status: str | None
    code_type: str | None
    code_remaining: int | None
    redemption_per_code: int | None
    starts: StatedTime | None
    ends: StatedTime | None
    code_issued: StatedTime | None
    code_expires: StatedTime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RedemptionList:
    """The content of one answer.

    What is missing in it has only gone if it `is_complete`. `total` counts the uses of the code by
    all customers, None if it is unknown or contradicted. `doubts` are paths of fields that had no
    known form: what is read from there is None or left out, and proves nothing. `left_out` counts
    records that cannot be distinguished.
    """

    redemptions: Sequence[Redemption]
    is_complete: bool
    total: int | None = None
    offer: OfferFacts | None = None
    problems: Sequence[CodeProblem] = ()
    doubts: Sequence[str] = ()
    left_out: int = 0

    def has(self, kind: ProblemKind) -> bool:
        """Whether the provider gave a reason of this kind."""
        return any(problem.kind is kind for problem in self.problems)
