"""Producer, consumers and deduplication key of each message."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """What the class of a message does not know about itself."""

    producer: str
    consumers: str
    dedupe: str


ANY_SUBSCRIBER = "any subscriber, with a rule on source and detail-type"
BY_FACT = "on `metadata.id`: the id of the fact, the same in each repetition"
PUBLISHER = "`publish_events`"
POLLER = "`poll_redemptions`, through the queue `polls`"

PARTIES: Mapping[str, Routing] = {
    "CustomerSignedUp": Routing(
        producer="your producers: shop, app, CRM; over HTTP, through `receive_callback`",
        consumers="`issue_barcodes`, through the queue `signups`",
        dedupe=(
            "done here, by tenant, customer, account and offer: send it as often as you like; keep"
            " `signup_id` the same when you repeat one, and give each other sign-up its own"
        ),
    ),
    "BarcodeIssued": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "BarcodeRefused": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "BarcodeAmbiguous": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "SignUpRejected": Routing(
        producer=PUBLISHER, consumers="the producer of the sign-up", dedupe=BY_FACT
    ),
    "SignUpUnmatched": Routing(
        producer=PUBLISHER,
        consumers="the producer of the sign-ups, and the operator of the programs",
        dedupe=BY_FACT,
    ),
    "RedemptionRecorded": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "RedemptionUpdated": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "RedemptionReversed": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "OfferAvailable": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "OfferEnded": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "OfferStockLow": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "BarcodeExpiring": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "CodeValidityChanged": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "WatchEnded": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "FirstPollLate": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "PollingBudgetExceeded": Routing(producer=PUBLISHER, consumers=ANY_SUBSCRIBER, dedupe=BY_FACT),
    "EndpointDisabled": Routing(
        producer=PUBLISHER,
        consumers=f"{ANY_SUBSCRIBER}; the other endpoints of its tenant",
        dedupe=BY_FACT,
    ),
    "ContinueWork": Routing(
        producer=(
            "`sweep_due`; of watches also `issue_barcodes`, `receive_callback`, and an operator,"
            " with the command"
        ),
        consumers=(
            "`issue_barcodes`, through the queue `signups`; of watches `poll_redemptions`, through"
            " the queue `polls`"
        ),
        dedupe="not needed: the state of each row says what it needs next",
    ),
    "PollSpans": Routing(
        producer="`schedule_polls`",
        consumers=POLLER,
        dedupe="not needed: a second poll finds nothing new",
    ),
    "WatchCustomers": Routing(
        producer=(
            "you, for customers who signed up elsewhere or before; an operator, with the command"
        ),
        consumers=POLLER,
        dedupe="done here, by customer, account and promotion: send it as often as you like",
    ),
    "EndWatches": Routing(
        producer="an operator, with the command",
        consumers=POLLER,
        dedupe="not needed: a watch ends once",
    ),
    "AttemptDeliveries": Routing(
        producer=(
            "`fan_out_webhooks`; of retries `sweep_due`; of a test an operator, with the command"
        ),
        consumers="`deliver_webhooks`, through the queues `deliveries` and `redeliveries`",
        dedupe="not needed: the state of each delivery says whether it is due",
    ),
    "QuarantineLetter": Routing(
        producer=(
            "`issue_barcodes`, `poll_redemptions`, `fan_out_webhooks`, `deliver_webhooks`: each"
            " that reads a queue"
        ),
        consumers="an operator, from the queue `quarantine`",
        dedupe="on `message_id`",
    ),
}
