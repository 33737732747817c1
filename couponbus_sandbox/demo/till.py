"""Carries out the plan at the simulators, and records what was redeemed when."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime

from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.demo.plan import Act, PlannedAction
from couponbus_sandbox.demo.shops import MANY_TIMES, ONCE, PROMOTION_ID
from couponbus_sandbox.local.stack import LocalStack
from couponbus_sandbox.uniqodo import NewRedemption


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A redemption as the provider has it, since the watch began."""

    at: datetime
    is_changed: bool = False
    is_reversed: bool = False


def name_at_uniqodo(native_id: object) -> str:
    """Return the name of a redemption that Uniqodo numbers."""
    return f"uniqodo {native_id}"


def name_at_koupon(customer: int, offer_id: object, ordinal: int) -> str:
    """Return the name of a redemption that Koupon only counts."""
    return f"koupon {customer} {offer_id} {ordinal}"


class Till:
    """`uses` are the redemptions that couponbus must record, by their names."""

    def __init__(self, stack: LocalStack, load: Load) -> None:
        self._stack = stack
        self._load = load
        self._counts: Counter[tuple[int, int]] = Counter()
        self._records: dict[int, list[int]] = {}
        self.uses: dict[str, Use] = {}

    def do(self, one: PlannedAction) -> None:
        """Do it now, by the moved clock."""
        match one.act:
            case Act.BEFORE:
                self._before(one.customer)
            case Act.USE_CODE:
                self._use_code(one.customer, times=one.times)
            case Act.USE_OFFER:
                self._use_offer(one.customer, MANY_TIMES.offer_id, times=one.times)
            case Act.USE_LAST_OFFER:
                self._use_offer(one.customer, ONCE.offer_id, times=one.times)
            case Act.VOID:
                self._void(one.customer)
            case Act.CHANGE:
                self._change(one.customer)
            case Act.REMOVE:
                self._remove(one.customer)

    def _before(self, customer: int) -> None:
        if customer in self._load.users:
            self._stack.uniqodo.redeem(self._new(customer))
        else:
            self._stack.koupon.redeem(self._load.consumers[customer], MANY_TIMES.offer_id)

    def _use_code(self, customer: int, *, times: int) -> None:
        now = self._stack.clock.now()
        # In one call, so that they are in the same second.
        for record in self._stack.uniqodo.redeem(*[self._new(customer)] * times):
            number = int(str(record["id"]))
            self._records.setdefault(customer, []).append(number)
            self.uses[name_at_uniqodo(number)] = Use(at=now)

    def _new(self, customer: int) -> NewRedemption:
        value = f"{20 + customer % 80}.50"
        return NewRedemption(
            promotion_id=PROMOTION_ID,
            user_id=self._load.users[customer],
            record={"order_value": float(value), "discount_value": 5},
        )

    def _use_offer(self, customer: int, offer_id: int, *, times: int) -> None:
        now = self._stack.clock.now()
        done = self._stack.koupon.redeem(self._load.consumers[customer], offer_id, times=times)
        for _ in range(done):
            self._counts[customer, offer_id] += 1
            ordinal = self._counts[customer, offer_id]
            self.uses[name_at_koupon(customer, offer_id, ordinal)] = Use(at=now)

    def _void(self, customer: int) -> None:
        offer_id = MANY_TIMES.offer_id
        self._stack.koupon.void(self._load.consumers[customer], offer_id)
        name = name_at_koupon(customer, offer_id, self._counts[customer, offer_id])
        self.uses[name] = replace(self.uses[name], is_reversed=True)

    def _change(self, customer: int) -> None:
        number = self._records[customer][-1]
        self._stack.uniqodo.change_redemption(number, order_value=1.25)
        name = name_at_uniqodo(number)
        self.uses[name] = replace(self.uses[name], is_changed=True)

    def _remove(self, customer: int) -> None:
        number = self._records[customer][-1]
        self._stack.uniqodo.remove_redemption(number)
        name = name_at_uniqodo(number)
        self.uses[name] = replace(self.uses[name], is_reversed=True)
