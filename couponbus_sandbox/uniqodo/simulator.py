"""The simulated Uniqodo as the controls use it: add, act and count."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from couponbus_sandbox.simulator.clock import Clock
from couponbus_sandbox.simulator.simulator import Simulator, SimulatorState
from couponbus_sandbox.uniqodo.api import UniqodoApi
from couponbus_sandbox.uniqodo.book import Code, Record, Redeemed, redeemed_time
from couponbus_sandbox.uniqodo.callbacks import Callbacks
from couponbus_sandbox.uniqodo.promotions import Promotion, PromotionId
from couponbus_sandbox.uniqodo.settings import UniqodoSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoState(SimulatorState):
    """The counts of Uniqodo."""

    promotions: int
    codes: int
    redemptions: int
    redemptions_by_promotion: dict[str, int]
    callbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user who gets a code of a promotion, as if it had been requested now."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    user_id: Annotated[str, Field(min_length=1)]
    code: Annotated[str, Field(min_length=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRedemption:
    """A use of the user's last code, one being issued if there is none; no rule is checked.

    `record` overrides fields of the record: any JSON is accepted, even what no provider sends.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    user_id: Annotated[str, Field(min_length=1)]
    record: dict[str, JsonValue] = field(default_factory=dict)


class UniqodoSimulator(Simulator):
    """One simulated Uniqodo."""

    api: UniqodoApi

    def __init__(self, *, settings: UniqodoSettings) -> None:
        self.callbacks = Callbacks()
        api = UniqodoApi(settings=settings.checked(), clock=Clock(), on_redeemed=self.send_callback)
        super().__init__(api=api)

    def reset(self) -> None:
        """Go back to the state after the start, and forget the callbacks."""
        super().reset()
        self.callbacks.clear()

    def add_promotions(self, promotions: Sequence[Promotion]) -> None:
        """Add or replace promotions."""
        self.api.book.promotions |= {each.promotion_id: each for each in promotions}

    def add_users(self, users: Sequence[NewUser]) -> list[str]:
        """Issue codes and return them; raises KeyError, ValueError for a code that exists."""
        return [self._issued(each.promotion_id, each.user_id, each.code).code for each in users]

    def redeem(self, redemptions: Sequence[NewRedemption]) -> list[Record]:
        """Add redemptions and return their records; raises KeyError, ValueError."""
        return [self._redeemed(each).record for each in redemptions]

    def change_redemption(self, number: int, changes: Record) -> Record:
        """Replace fields of a record and return it; raises KeyError, ValueError for its id."""
        if "id" in changes:
            raise ValueError("id: it is the redemption's name and stays")
        record = self.api.book.redemption(number).record
        record |= changes
        return record

    def remove_redemption(self, number: int) -> None:
        """Remove a redemption; raises KeyError."""
        self.api.book.remove(number)

    def send_callback(self, done: Redeemed) -> None:
        """Send the callback of a redemption, if a callback URL is set."""
        self.callbacks.send(done, settings=self.api.settings)

    def resend_callback(self, number: int) -> None:
        """Send the callback of an old redemption; raises KeyError."""
        self.send_callback(self.api.book.redemption(number))

    def state(self) -> UniqodoState:
        """Return the counts."""
        self.late.settle()
        book = self.api.book
        counts = dict.fromkeys(book.promotions, 0)
        for each in book.redemptions.values():
            counts[each.promotion_id] += 1
        return UniqodoState(
            clock=self.clock.now().isoformat(),
            promotions=len(book.promotions),
            codes=len(book.codes),
            redemptions=len(book.redemptions),
            redemptions_by_promotion=counts,
            calls=self.log.by_route(),
            faults_fired=dict(self.faults.fired),
            late_commits_pending=len(self.late),
            callbacks=len(self.callbacks.report()),
        )

    def detail(self) -> dict[str, list[dict[str, object]]]:
        """Return promotions, codes and redemptions, ready for JSON."""
        self.late.settle()
        book = self.api.book
        return {
            "promotions": [asdict(each) for each in book.promotions.values()],
            "codes": [asdict(each) for each in book.codes.values()],
            "redemptions": [asdict(each) for each in book.redemptions.values()],
        }

    def _issued(self, promotion_id: str, user_id: str, named: str | None) -> Code:
        return self.api.book.issue(
            self.api.book.promotion(promotion_id),
            user_id=user_id,
            distributor_id=next(iter(self.api.keys.values())).distributor_id,
            now=self.clock.now(),
            named=named,
        )

    def _redeemed(self, new: NewRedemption) -> Redeemed:
        book = self.api.book
        codes = book.codes_of(new.promotion_id, new.user_id)
        code = codes[-1] if codes else self._issued(new.promotion_id, new.user_id, None)
        fields: Record = {"redeemed_at": redeemed_time(self.clock.now()), **new.record}
        done = book.redeem(code, user_id=new.user_id, changes=fields)
        self.send_callback(done)
        return done
