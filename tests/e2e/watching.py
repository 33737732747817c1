"""Customers watched at Uniqodo and Koupon, and time that passes by moving the clock."""

from collections.abc import Sequence

from couponbus.domain.polling.watch import POLL_AGAIN, Watch
from couponbus.domain.polling.watch_states import WatchState
from couponbus_sandbox.demo.polling import tick, until_polled
from couponbus_sandbox.demo.rows import rows_of
from couponbus_sandbox.koupon import KouponSandbox
from couponbus_sandbox.uniqodo import THREE_USES, NewRedemption, NewUser, UniqodoSandbox
from tests.e2e.engine.laboratory import until
from tests.e2e.product import Customer, Json, Product

OFFER = 1281
FIRST_POLLS_SECONDS = 30


class Watching:
    """What a test of redemptions needs of the product in addition."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._stack = product.stack

    @property
    def uniqodo(self) -> UniqodoSandbox:
        return self._stack.uniqodo

    @property
    def koupon(self) -> KouponSandbox:
        return self._stack.koupon

    def with_code(self, who: Customer) -> Json:
        """Give the customer a code at Uniqodo, and return the names that the providers know."""
        self.uniqodo.add_users(NewUser(promotion_id=THREE_USES, user_id=user_id(who)))
        return {"uniqodo_user_id": user_id(who), "koupon_consumer": consumer(who)}

    def redeem_at_uniqodo(self, who: Customer, *, custom_params: str | None = None) -> str:
        """Redeem once and return the redemption's id at Uniqodo."""
        new = NewRedemption(
            promotion_id=THREE_USES,
            user_id=user_id(who),
            record={"order_value": 42.5, "custom_params": custom_params},
        )
        [record] = self.uniqodo.redeem(new)
        return str(record["id"])

    def redeem_at_koupon(self, who: Customer) -> None:
        assert self.koupon.redeem(consumer(who), OFFER) == 1

    def watches(self, signup_id: str) -> Sequence[Watch]:
        """Return the watches of a sign-up as the ledger has them."""
        return [
            row
            for row in rows_of(self._stack)
            if isinstance(row, Watch) and row.signup_id == signup_id
        ]

    def until_watched(self, signup_id: str, *, watches: int = 2) -> None:
        """Wait until the first poll of each watch of a sign-up is stored."""

        def poll() -> bool:
            self._stack.invoke("sweep_due")
            found = self.watches(signup_id)
            return len(found) == watches and all(one.state is WatchState.ACTIVE for one in found)

        try:
            until(poll, seconds=FIRST_POLLS_SECONDS)
        except AssertionError:
            # A poll that a busy machine cut off is due again minutes later.
            self._stack.move_clock(seconds=POLL_AGAIN.total_seconds())
            until(poll, seconds=FIRST_POLLS_SECONDS)

    def pass_time(self, *, minutes: float = 12) -> None:
        """Let the longest interval of a young watch pass, and poll."""
        until_polled(self._stack)
        self._stack.move_clock(seconds=minutes * 60)
        tick(self._stack)


def user_id(who: Customer) -> str:
    return f"{who.signup_id}@customer.example"


def consumer(who: Customer) -> str:
    return f"consumer-{who.customer_id}"
