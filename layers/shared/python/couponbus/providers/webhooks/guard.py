"""A resolver that returns only addresses that may be called."""

import socket

from couponbus.providers.http.connections import Address, AddressRefused, Resolver
from couponbus.providers.webhooks.addresses import Policy, may_be_called


def guarded(resolver: Resolver, *, policy: Policy) -> Resolver:
    """Return a resolver that raises AddressRefused for a name with any forbidden address.

    It resolves anew each time and caches nothing: a name can change a second later. The result is
    built from the checked addresses, so the connection cannot go anywhere else.
    """

    def look_up_and_check(host: str, port: int) -> list[Address]:
        return [
            _checked(family, address[0], port=port, policy=policy)
            for family, address in resolver(host, port)
        ]

    return look_up_and_check


def _checked(family: int, address: str | int, *, port: int, policy: Policy) -> Address:
    if family not in (socket.AF_INET, socket.AF_INET6) or not isinstance(address, str):
        raise AddressRefused
    if not may_be_called(address, policy=policy):
        raise AddressRefused
    return family, (address, port)
