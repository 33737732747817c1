"""Routes inbound HTTP requests; a caller that cannot be served now may send again."""

from collections.abc import Callable, Mapping

from couponbus.domain.errors import ConfigurationInvalid, Unavailable
from couponbus.usecases.inbound.http import (
    NOT_FOUND_ANSWER,
    UNAVAILABLE,
    Reception,
    Request,
    not_allowed,
    unavailable,
)
from couponbus.usecases.inbound.receive_hints import ReceiveHints
from couponbus.usecases.inbound.receive_sign_ups import ReceiveSignUps
from couponbus.usecases.invocation import Metric

SIGN_UPS = "/sign-ups"
UNIQODO = "/callbacks/uniqodo/{secret}"


def path_of(producer: str) -> str:
    """Return the path on which a producer sends its sign-ups."""
    return f"{SIGN_UPS}/{producer}"


type Receive = Callable[[Request], Reception]


class ReceiveCallback:
    """Answers every request, except after an unexpected error."""

    def __init__(
        self,
        *,
        sign_ups: ReceiveSignUps,
        hints: ReceiveHints,
        producers: Mapping[str, ReceiveSignUps],
    ) -> None:
        """Serve these two, and each producer by its name on a path of its own."""
        self._routes: Mapping[str, tuple[tuple[str, ...], Receive]] = {
            SIGN_UPS: (("POST",), sign_ups.receive),
            UNIQODO: (("GET", "POST"), hints.receive),
            **{path_of(name): (("POST",), each.receive) for name, each in producers.items()},
        }

    def handle(self, request: Request) -> Reception:
        """Return the answer, and what an operator should know about it."""
        if request.path not in self._routes:
            return Reception(answer=NOT_FOUND_ANSWER, counts={Metric.UNKNOWN_CALLBACKS: 1})
        methods, receive = self._routes[request.path]
        if request.method not in methods:
            return Reception(answer=not_allowed(methods), counts={Metric.REFUSED_METHOD: 1})
        try:
            return receive(request)
        except Unavailable as error:
            return unavailable(error)
        except ConfigurationInvalid as wrong:
            return Reception(
                answer=UNAVAILABLE, counts={Metric.MISCONFIGURED: 1}, mistake=str(wrong)
            )
