"""The simulated Uniqodo with its faults, clock and memory of calls: what the controls act upon."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, JsonValue

from couponbus_sandbox.simulator.calls import CallLog
from couponbus_sandbox.simulator.clock import Clock, LateWork
from couponbus_sandbox.simulator.faults import FaultRule, Faults
from couponbus_sandbox.simulator.faulty import FaultyApi
from couponbus_sandbox.uniqodo.api import UniqodoApi
from couponbus_sandbox.uniqodo.book import Code, Record, Redeemed, redeemed_time
from couponbus_sandbox.uniqodo.callbacks import Callbacks
from couponbus_sandbox.uniqodo.promotions import Promotion, PromotionId
from couponbus_sandbox.uniqodo.settings import UniqodoSettings, behaviour, changed, checked


@dataclass(frozen=True, slots=True, kw_only=True)
class UniqodoState:
    """What a test wants to know afterwards; the keys of `calls` are routes, then statuses."""

    clock: str
    promotions: int
    codes: int
    redemptions: int
    redemptions_by_promotion: dict[str, int]
    calls: dict[str, dict[str, int]]
    faults_fired: dict[str, int]
    late_commits_pending: int
    callbacks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """A user who gets a code of a promotion, as if it had been asked for now."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    user_id: Annotated[str, Field(min_length=1)]
    code: Annotated[str, Field(min_length=1)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRedemption:
    """A use of the user's last code, one being issued if there is none; no rule is asked.

    `record` overrides fields of the record: any JSON is taken, also what no provider sends.
    """

    __pydantic_config__ = ConfigDict(extra="forbid")

    promotion_id: PromotionId
    user_id: Annotated[str, Field(min_length=1)]
    record: dict[str, JsonValue] = field(default_factory=dict)


class UniqodoSimulator:
    """One simulated Uniqodo. Not thread-safe: all calls come from the server's thread."""

    def __init__(self, *, settings: UniqodoSettings) -> None:
        self._initial = checked(settings)
        self.clock = Clock()
        self.late = LateWork(clock=self.clock)
        self.faults = Faults()
        self.log = CallLog()
        self.callbacks = Callbacks()
        self.api = UniqodoApi(settings=self._initial, clock=self.clock, told=self.tell)
        self.faulty = FaultyApi(
            api=self.api, faults=self.faults, late=self.late, altered=self.api.altered
        )

    def server_time(self) -> datetime:
        """Return the time of the simulator's clock."""
        return self.clock.now()

    def reset(self) -> None:
        """Go back to the state after the start, with the settings of the start."""
        self.clock.reset()
        self.late.forget()
        self.faults.reset()
        self.log.clear()
        self.callbacks.clear()
        self.api.restart(settings=self._initial)

    def change(self, changes: dict[str, object]) -> None:
        """Replace settings; raises ValueError."""
        self.api.settings = changed(self.api.settings, changes)

    def behaviour(self) -> dict[str, object]:
        """Return the settings that can be changed, ready for JSON."""
        return behaviour(self.api.settings)

    def add_faults(self, rules: Sequence[FaultRule]) -> None:
        """Put rules into force, behind those that are; raises ValueError."""
        for rule in rules:
            changed(self.api.settings, rule.settings)
        self.faults.add(rules)

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
        """Forget a redemption; raises KeyError."""
        self.api.book.remove(number)

    def tell(self, done: Redeemed) -> None:
        """Send the callback of a redemption, if there is somebody to send it to."""
        self.callbacks.tell(done, settings=self.api.settings)

    def tell_again(self, number: int) -> None:
        """Send the callback of an old redemption; raises KeyError."""
        self.tell(self.api.book.redemption(number))

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

    def report(self) -> dict[str, object]:
        """Return the counts, ready for JSON."""
        return asdict(self.state())

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
        self.tell(done)
        return done
