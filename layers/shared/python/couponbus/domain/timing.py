"""The chain of durations that keeps two attempts apart (docs/reliability.md#timing-chain)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from couponbus.domain.errors import ConfigurationInvalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All in seconds; the defaults of a deployed stage live in its settings.

    `settle`: how late a POST without an answer may still take effect at the provider.
    `answered_settle`: the same after a complete refusal was received.
    `between_look_ups`: pause between the two empty look-ups that allow another POST.
    `post`: total deadline of one POST. `post_margin`: what must remain beyond it.
    `skew`: how far clocks may differ, and how late Lambda may kill.
    `publish_grace`: how long the worker or the stream has to publish before the sweeper does.
    `handover`: how long the sweeper leaves a row alone that it handed to a queue.
    `slot_wait`: the longest an invocation waits for a slot of the rate limiter.
    `backoff`: first pause after a refusal; doubles up to `backoff_cap`.
    `resolve_for`: how long a sign-up waits for Coniq to know its customer.
    """

    settle: float
    answered_settle: float
    between_look_ups: float
    post: float
    post_margin: float
    skew: float
    publish_grace: float
    handover: float
    slot_wait: float
    backoff: float
    backoff_cap: float
    resolve_for: float

    def __post_init__(self) -> None:
        """Refuse a chain in which a slow attempt could outlive its claim."""
        if min(self.settle, self.answered_settle, self.between_look_ups, self.backoff) <= 0:
            raise ConfigurationInvalid("settle, look-up pause and backoff must be positive")
        if self.post_margin <= 0 or self.post <= 0:
            raise ConfigurationInvalid("the deadline of a POST and its margin must be positive")
        if self.settle < self.skew:
            raise ConfigurationInvalid("settle must exceed the clock skew")

    @property
    def needed_to_post(self) -> timedelta:
        """How much of the invocation must be left for a POST to start."""
        return timedelta(seconds=self.post + self.post_margin)

    @property
    def room_to_post(self) -> timedelta:
        """How much of it look-ups must leave, so that what they find missing can still be sent."""
        return self.needed_to_post + timedelta(seconds=self.slot_wait)

    @property
    def longest_silence(self) -> timedelta:
        """The longest gap between two answers that prove nothing and still count together.

        With thousands of rows waiting for one provider, each is looked up only every few hours.
        """
        return timedelta(seconds=max(self.backoff_cap + self.handover, self.resolve_for / 4))

    def publish_by(self, now: datetime) -> datetime:
        """Return when the sweeper publishes what is decided now, if it is still owed."""
        return now + timedelta(seconds=self.publish_grace)

    def pause_after(self, tries: int) -> timedelta:
        """Return the backoff after this many tries."""
        doubled = self.backoff * 2.0 ** min(max(tries - 1, 0), 20)
        return timedelta(seconds=min(doubled, self.backoff_cap))
