"""All that can happen to watched customers while no provider fails."""

from dataclasses import replace

from couponbus.events import offers, redemptions, watches
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.uniqodo import ONE_USE, THREE_USES, QueryError
from tests.canary import planted
from tests.canary.polling import ONCE, TWICE, UNIQODO, PollingCanaryHarness
from tests.canary.stage import CLUB

RULE = QueryError(code=209, message=f"{planted.PARAMETER} spends too little")
(WITH_A_RULE,) = (
    replace(one, errors=(RULE,)) for one in UNIQODO.promotions if one.promotion_id == THREE_USES
)
NEW_OFFER = Offer(offer_id=1290, redemption_limit=5)
PUBLISHED_TYPES = frozenset(
    event.detail_type
    for event in (
        offers.BarcodeExpiring,
        offers.CodeValidityChanged,
        offers.OfferAvailable,
        offers.OfferEnded,
        offers.OfferStockLow,
        redemptions.RedemptionRecorded,
        redemptions.RedemptionReversed,
        redemptions.RedemptionUpdated,
        watches.FirstPollLate,
        watches.WatchEnded,
    )
)


def run_scenario(harness: PollingCanaryHarness) -> None:
    """Let everything happen once, from the sign-up to the end of all watches."""
    ann, ben, cat = (harness.customer() for _ in range(3))
    harness.redeem(ann)
    harness.koupon.redeem(ann.koupon_consumer, TWICE)
    club = harness.sign_up_of(cat, source=CLUB, customer={"coniq_customer_id": None})
    harness.issue(harness.sign_up_of(ann), harness.sign_up_of(ben), club)
    harness.clock.sleep(900.0)  # so that the first poll comes late
    harness.work_off()
    harness.stream()
    first, second = harness.redeem(ann), harness.redeem(ben)
    harness.redeem(cat, promotion=ONE_USE)
    harness.koupon.redeem(ann.koupon_consumer, TWICE, times=2)
    harness.koupon.redeem(ben.koupon_consumer, ONCE)
    harness.koupon.add_offers(NEW_OFFER)
    harness.uniqodo.add_promotions(WITH_A_RULE)
    harness.run()
    harness.uniqodo.change_redemption(first, order_value=20, order_id=planted.ORDER)
    harness.uniqodo.remove_redemption(second)
    harness.koupon.void(ann.koupon_consumer, TWICE)
    harness.run()
    harness.poll_again()
    harness.poll_again()
    harness.run(hours=24 * 24)
    harness.poll_again()
    harness.run(hours=24 * 10)
    harness.poll_again()
