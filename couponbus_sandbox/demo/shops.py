"""Where the customers of the demo can redeem: a promotion at Uniqodo, and offers at Koupon."""

from couponbus_sandbox.demo.load import Load
from couponbus_sandbox.koupon import Offer
from couponbus_sandbox.local.stack import LocalStack
from couponbus_sandbox.uniqodo import NewUser, Promotion

PROMOTION_ID = "e4" * 16  # that of couponbus_sandbox/demo/programs.yaml
MANY_TIMES = Offer(offer_id=2001, redemption_limit=50)
ONCE = Offer(offer_id=2002, redemption_limit=1)


def open_shops(stack: LocalStack, load: Load, *, code_days: int) -> None:
    """Add promotion and offers, and issue a code to each customer who is watched at Uniqodo."""
    stack.uniqodo.add_promotions(
        Promotion(
            promotion_id=PROMOTION_ID,
            offer_id=4890,
            redemption_per_code=3,
            end_date="31-12-2039 23:59:59",
            code_validity_days=code_days,
        )
    )
    stack.uniqodo.add_users(
        *(NewUser(promotion_id=PROMOTION_ID, user_id=user) for user in load.users.values())
    )
    stack.koupon.add_offers(MANY_TIMES, ONCE)
