"""Who may read the page: a browser that has the key, at our address, from our own page."""

import hmac
from http import HTTPStatus

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HOSTS = ("127.0.0.1", "localhost")
HTTP_PORT = 80  # a browser leaves it out
POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OPEN = ("/page.css",)  # the page that refuses a browser without the key has its look, too
SAFE = ("GET", "HEAD")
REFUSED = "couponbus page is read at http://{host}:{port} only.\n"
FOREIGN = "This request did not come from the page itself.\n"


class Guard:
    """Refuses what is not for this page, before the app sees it; sets the headers of all answers.

    Names that lead to 127.0.0.1 (DNS rebinding) are 421, requests without the key are 403.
    """

    def __init__(self, app: ASGIApp, *, port: int, key: str, refusal: str) -> None:
        self._app = app
        self._port = port
        self._key = key.encode()
        self._refusal = refusal
        # Cookies are for a host with all its ports: several pages each have their own.
        self._cookie = f"couponbus_page_{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or let the app do so."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        if scope["type"] == "http":
            answer = self._answer(Request(scope)) or self._app
            await answer(scope, receive, with_headers)

    def _answer(self, request: Request) -> Response | None:
        if not self._is_for_us(request):
            text = REFUSED.format(host=HOSTS[0], port=self._port)
            return PlainTextResponse(text, HTTPStatus.MISDIRECTED_REQUEST)
        if request.url.path in OPEN:
            return None
        if self._is_key(request.query_params.get("key")):
            return self._entered()
        if not self._is_key(request.cookies.get(self._cookie)):
            return Response(self._refusal, HTTPStatus.FORBIDDEN, media_type="text/html")
        if request.method not in SAFE and not self._is_from_our_page(request):
            return PlainTextResponse(FOREIGN, HTTPStatus.FORBIDDEN)
        return None

    def _is_for_us(self, request: Request) -> bool:
        (host, *others) = request.headers.getlist("host") or [""]
        addresses = [f"{name}:{self._port}" for name in HOSTS]
        if self._port == HTTP_PORT:
            addresses += HOSTS
        return not others and host.lower() in addresses

    def _is_key(self, given: str | None) -> bool:
        return given is not None and hmac.compare_digest(given.encode(), self._key)

    def _entered(self) -> Response:
        """Keep the key in a cookie, and take it out of the address bar."""
        answer = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(self._cookie, self._key.decode(), httponly=True, samesite="strict")
        return answer

    def _is_from_our_page(self, request: Request) -> bool:
        # Other ports of this machine are the same site, so that the cookie alone proves nothing.
        # With `no-referrer` a browser sends the origin `null`, but says where a request is from.
        site = request.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        return request.headers.get("origin") == f"http://{request.headers['host']}"
