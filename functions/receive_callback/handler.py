"""Accept signed sign-ups and provider callbacks over HTTP, and enqueue them."""

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.runtime.http_api import ApiAnswer, HttpEvent, answer_of, request_of
from couponbus.runtime.invocation import Context
from couponbus.runtime.observability import Observability, traces_in_line
from couponbus.usecases.inbound.http import INTERNAL_ERROR, Reception
from couponbus.usecases.inbound.receive_callback import ReceiveCallback
from functions.receive_callback import wiring

observability = Observability(service="receive_callback")


def handler(
    event: HttpEvent, context: Context, *, service: ReceiveCallback | None = None
) -> ApiAnswer:
    """Answer the request. Only its route is logged, as its path may hold a secret."""
    counts: dict[str, float]
    try:
        job = service or wiring.service()
        reception = job.handle(request_of(event))
    except Exception as bug:
        # Caught here: Lambda would log the message, and some messages quote their input.
        details = {"errors": [_named(bug)]}
        observability.alarm("unexpected error", request_id=context.aws_request_id, details=details)
        reception, counts = Reception(answer=INTERNAL_ERROR, counts={}), {"UnexpectedErrors": 1}
    else:
        counts = {count.value: number for count, number in reception.counts.items()}
    if reception.mistake is not None:
        observability.alarm(
            "secret unusable",
            request_id=context.aws_request_id,
            details={"error": reception.mistake},
        )
    observability.report(
        "answered",
        request_id=context.aws_request_id,
        counts=counts,
        details={
            "route": event["routeKey"],
            "status": reception.answer.status,
            **traces_in_line(reception.traces),
            **({} if reception.cause is None else {"failed": [{"why": reception.cause}]}),
        },
    )
    return answer_of(reception.answer)


def _named(bug: Exception) -> str:
    """Return its type; for a wrong setting its text, which names the setting without a value."""
    return str(bug) if isinstance(bug, ConfigurationInvalid) else type(bug).__name__
