"""Callbacks of the simulated Uniqodo: a form, unsigned, sent once to a URL on this machine."""

import http.client
import ssl
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass
from urllib.parse import SplitResult, urlencode, urlsplit

from couponbus_sandbox.uniqodo.book import Redeemed
from couponbus_sandbox.uniqodo.settings import UniqodoSettings

SECONDS = 5.0
SENDERS = 4
_SOURCES = {
    "id": "id",
    "offerId": "offer_id",
    "merchantId": "merchant_id",
    "distributorId": "distributor_id",
    "code": "code",
    "orderId": "order_id",
    "orderValue": "order_value",
    "discountValue": "discount_value",
    "currency": "currency",
    "customParams": "custom_params",
    "redeemedAt": "redeemed_at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """A sent callback; `status` is None when no answer came."""

    redemption_id: object
    method: str
    parameters: dict[str, str]
    status: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Target:
    url: str
    method: str
    ca: str | None


class Callbacks:
    """Sends in the background, and records the outcome."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent: list[Callback] = []
        self._running: list[Future[None]] = []
        # Threads start with the first callback, and not at all where there is none.
        self._pool = ThreadPoolExecutor(max_workers=SENDERS, thread_name_prefix="callback")

    def send(self, done: Redeemed, *, settings: UniqodoSettings) -> None:
        """Send a redemption's callback by the settings; without a URL, nothing."""
        if settings.callback_url is None:
            return
        parameters = _parameters(done, names=dict(settings.callback_names))
        running = self._pool.submit(
            self._send_now,
            done.record["id"],
            target=_Target(
                url=settings.callback_url, method=settings.callback_method, ca=settings.callback_ca
            ),
            parameters=parameters,
        )
        self._running = [*(each for each in self._running if not each.done()), running]

    def settled(self) -> None:
        """Wait until all are sent, at most a few seconds."""
        wait(self._running, timeout=SECONDS)

    def report(self) -> list[dict[str, object]]:
        """Return the sent callbacks in order of completion, ready for JSON."""
        with self._lock:
            return [asdict(callback) for callback in self._sent]

    def clear(self) -> None:
        """Forget the sent callbacks."""
        self.settled()
        with self._lock:
            self._sent.clear()

    def close(self) -> None:
        """Stop the sender threads."""
        self._pool.shutdown(cancel_futures=True)

    def _send_now(
        self, redemption_id: object, *, target: _Target, parameters: dict[str, str]
    ) -> None:
        try:
            status: int | None = _status_of(target, form=urlencode(parameters))
        except (OSError, http.client.HTTPException):
            status = None
        callback = Callback(
            redemption_id=redemption_id, method=target.method, parameters=parameters, status=status
        )
        with self._lock:
            self._sent.append(callback)


def _parameters(done: Redeemed, *, names: dict[str, str]) -> dict[str, str]:
    values: dict[str, object] = {item: done.record.get(source) for item, source in _SOURCES.items()}
    values |= {"promotionId": done.promotion_id, "userId": done.user_id}
    return {name: str(values[item]) for item, name in names.items() if values.get(item) is not None}


def _status_of(target: _Target, *, form: str) -> int:
    parts = urlsplit(target.url)
    path = parts.path or "/"
    query = "&".join(part for part in (parts.query, form if target.method == "GET" else "") if part)
    connection = _connection(parts, target.ca)
    try:
        connection.request(
            target.method,
            f"{path}?{query}" if query else path,
            body=form if target.method == "POST" else None,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        return connection.getresponse().status
    finally:
        connection.close()


def _connection(parts: SplitResult, ca: str | None) -> http.client.HTTPConnection:
    host, port = parts.hostname or "", parts.port
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=SECONDS)
    trust = ssl.create_default_context(cafile=ca)
    return http.client.HTTPSConnection(host, port, timeout=SECONDS, context=trust)
