"""All that can happen to watched customers while no provider fails."""

from couponbus.events import offers, redemptions, watches
from couponbus_sandbox.koupon.world import Offer
from couponbus_sandbox.uniqodo import ONE_USE
from tests.canary import planted
from tests.canary.polling import ONCE, TWICE, PollingTheatre
from tests.canary.stage import CLUB

NEW_OFFER = Offer(offer_id=1290, redemption_limit=5)
TOLD = frozenset(
    event.detail_type
    for event in (
        offers.BarcodeExpiring,
        offers.OfferAvailable,
        offers.OfferEnded,
        offers.OfferStockLow,
        redemptions.RedemptionRecorded,
        redemptions.RedemptionReversed,
        redemptions.RedemptionUpdated,
        watches.WatchEnded,
    )
)


def unfold(theatre: PollingTheatre) -> None:
    """Let everything happen once, from the sign-up to the end of all watches."""
    ann, ben, cat = (theatre.customer() for _ in range(3))
    theatre.redeem(ann)
    theatre.koupon.redeem(ann.koupon_consumer, TWICE)
    club = theatre.sign_up_of(cat, source=CLUB, customer={"coniq_customer_id": None})
    theatre.issue(theatre.sign_up_of(ann), theatre.sign_up_of(ben), club)
    theatre.work_off()
    theatre.stream()
    first, second = theatre.redeem(ann), theatre.redeem(ben)
    theatre.redeem(cat, promotion=ONE_USE)
    theatre.koupon.redeem(ann.koupon_consumer, TWICE, times=2)
    theatre.koupon.redeem(ben.koupon_consumer, ONCE)
    theatre.koupon.add_offers(NEW_OFFER)
    theatre.run()
    theatre.uniqodo.change_redemption(first, order_value=20, order_id=planted.ORDER)
    theatre.uniqodo.remove_redemption(second)
    theatre.koupon.void(ann.koupon_consumer, TWICE)
    theatre.run()
    theatre.look_again()
    theatre.look_again()
    theatre.run(hours=24 * 24)
    theatre.look_again()
    theatre.run(hours=24 * 10)
    theatre.look_again()
