"""The timing chain as a stage sets it."""

from dataclasses import asdict, dataclass

from couponbus.domain import durations
from couponbus.domain.errors import ConfigurationInvalid
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.validated import Seconds, validated


@validated
@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """The timing chain in seconds (docs/reliability.md#timing-chain), named as the settings."""

    settle: Seconds = 600
    answered_settle: Seconds = 60
    between_look_ups: Seconds = 60
    post: Seconds = 30
    resolve_for: Seconds = 86_400
    publish_grace: Seconds = 60
    handover: Seconds = 300

    def __post_init__(self) -> None:
        """Raise ConfigurationError for a chain in which a slow attempt could outlive its claim."""
        try:
            durations.timing(**asdict(self))
        except ConfigurationInvalid as impossible:
            raise ConfigurationError(str(impossible)) from None


# As the functions have them (infra/functions); tests compare them with the templates.
ISSUING_TIMEOUT = 60
POLLING_TIMEOUT = 300
SWEEP = 60
STREAM_KEEPS = 86_400


def check_deployed(timing: Timing, *, at: str) -> None:
    """Raise ConfigurationError for a chain that does not fit to the functions of a stage on AWS."""
    longest_post = ISSUING_TIMEOUT - durations.POST_MARGIN
    rules = {
        "settle": (timing.settle > ISSUING_TIMEOUT, f"more than {ISSUING_TIMEOUT}"),
        "between_look_ups": (timing.between_look_ups >= SWEEP, f"{SWEEP} or more"),
        "post": (timing.post < longest_post, f"less than {longest_post:g}"),
        "publish_grace": (timing.publish_grace + SWEEP < STREAM_KEEPS, "less than a day"),
        "handover": (timing.handover >= POLLING_TIMEOUT, f"{POLLING_TIMEOUT} or more"),
    }
    for name, (holds, right) in rules.items():
        if not holds:
            raise ConfigurationError(
                f"{name} is {getattr(timing, name):g} seconds: use {right}"
                " (docs/reliability.md#timing-chain)",
                at=(at, name),
            )
