"""One port for the gateway, and an end that does not wait for idle connections."""

from hypercorn.config import Config
from ministack import app

GRACE_SECONDS = 0.1


def install() -> None:
    """Keep MiniStack off port 443 and make it end at once.

    It takes 127.0.0.1:443 too when TLS is on and the port is free, for sign-in services that
    couponbus does not use; and clients keep connections open for as long as they live.
    """
    app._port_is_bindable = lambda _host, _port: False
    Config.graceful_timeout = GRACE_SECONDS
