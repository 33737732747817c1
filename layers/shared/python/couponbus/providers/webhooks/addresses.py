"""Which addresses a webhook may be sent to (docs/reliability.md#ssrf-guard)."""

import ipaddress
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

LOCAL_STAGE = "local"
_LOOPBACK = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))

# Not private by the registry of special addresses, yet no public hosts either.
_SERVICES_NEARBY = IPv4Network("192.0.0.0/24")  # 192.0.0.9 is the nearest gateway (RFC 7723)
_RELAY_6TO4 = IPv4Network("192.88.99.0/24")

_PUBLIC_V6 = IPv6Network("2000::/3")  # beyond it: loopback, v4-mapped, NAT64, fc00::/7, multicast
_NOT_PUBLIC_V6 = (
    IPv6Network("2001::/23"),  # protocols: Teredo and others that hold an IPv4 address
    IPv6Network("2002::/16"),  # 6to4: holds an IPv4 address
    IPv6Network("3fff::/20"),  # documentation; Python 3.13.0 does not know it yet
)
# An interface of ISATAP (RFC 5214) can have any prefix; 0x0200 says that its IPv4 is global.
_ISATAP = 0x0000_5EFE
_ISATAP_MASK = 0xFDFF_FFFF


class Policy(StrEnum):
    """Where the endpoints of a stage may be."""

    PUBLIC = "public"  # on the internet, and nowhere else
    LOCAL = "local"  # on this machine, and nowhere else


def policy_of(stage: str) -> Policy:
    """Return the policy of a stage: every stage but "local" calls the internet."""
    return Policy.LOCAL if stage == LOCAL_STAGE else Policy.PUBLIC


def may_be_called(address: str, *, policy: Policy) -> bool:
    """Whether a connection to an address is allowed; only a resolver's spelling is accepted."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if "%" in address:  # an interface of this machine
        return False
    if policy is Policy.LOCAL:
        return any(parsed in network for network in _LOOPBACK)
    return _is_public_v4(parsed) if isinstance(parsed, IPv4Address) else _is_public_v6(parsed)


def _is_public_v4(address: IPv4Address) -> bool:
    if address in _SERVICES_NEARBY or address in _RELAY_6TO4:
        return False
    # `is_global` alone accepts multicast.
    return address.is_global and not (address.is_multicast or address.is_reserved)


def _is_public_v6(address: IPv6Address) -> bool:
    if address not in _PUBLIC_V6:
        return False
    if any(address in network for network in _NOT_PUBLIC_V6):
        return False
    interface = int(address) & 0xFFFF_FFFF_FFFF_FFFF
    if (interface >> 32) & _ISATAP_MASK == _ISATAP:
        return address.is_global and _is_public_v4(IPv4Address(interface & 0xFFFF_FFFF))
    return address.is_global
