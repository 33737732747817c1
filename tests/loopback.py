"""An audit hook that lets sockets reach this machine only."""

import ipaddress
from collections.abc import Callable
from typing import cast


class OutsideWorld(BaseException):
    """A test reached for the network.

    Not an Exception: code that handles network errors must not handle this one.
    """


def refuse_the_outside_world(event: str, arguments: tuple[object, ...]) -> None:
    """Raise OutsideWorld for a connection, datagram, look-up or listener beyond loopback."""
    host_of = _HOSTS.get(event)
    if host_of is None:
        return
    host = host_of(arguments)
    if not is_loopback(host):
        raise OutsideWorld(f"{event} to {host!r}: a test talks to 127.0.0.1 only")


def is_loopback(host: object) -> bool:
    """Return whether a host is loopback; None is a unix socket or a passive look-up."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host is None or str(host).rpartition(".")[2] == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _host_of_address(arguments: tuple[object, ...]) -> object:
    address = arguments[1]
    return cast("tuple[object, ...]", address)[0] if isinstance(address, tuple) else None


def _host_of_look_up(arguments: tuple[object, ...]) -> object:
    return arguments[0]


_HOSTS: dict[str, Callable[[tuple[object, ...]], object]] = {
    "socket.bind": _host_of_address,
    "socket.connect": _host_of_address,
    "socket.sendto": _host_of_address,
    "socket.getaddrinfo": _host_of_look_up,
    "socket.gethostbyname": _host_of_look_up,
}
