"""A host name is refused if any of its addresses is forbidden."""

import socket
from collections.abc import Sequence
from itertools import cycle

import pytest

from couponbus.providers.http.connections import Address, AddressRefused
from couponbus.providers.webhooks.addresses import Policy
from couponbus.providers.webhooks.guard import guarded

HOST = "hooks.example.com"
A, AAAA = socket.AF_INET, socket.AF_INET6
PUBLIC_4: Address = (A, ("93.184.215.14", 443))
PUBLIC_6: Address = (AAAA, ("2606:4700:4700::1111", 443, 0, 0))
LOOPBACK_4: Address = (A, ("127.0.0.1", 443))
LOOPBACK_6: Address = (AAAA, ("::1", 443, 0, 0))
METADATA: Address = (A, ("169.254.169.254", 443))


class Names:
    """A resolver that gives its answers in order, over and over."""

    def __init__(self, *answers: Sequence[Address]) -> None:
        self.asked: list[tuple[str, int]] = []
        self._answers = cycle(answers)

    def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append((host, port))
        return next(self._answers)


def answer_of(*found: Address, policy: Policy = Policy.PUBLIC) -> Sequence[Address]:
    return guarded(Names(found), policy=policy)(HOST, 443)


def test_public_addresses_are_passed_on_in_their_order() -> None:
    assert answer_of(PUBLIC_6, PUBLIC_4) == [
        (AAAA, ("2606:4700:4700::1111", 443)),
        (A, ("93.184.215.14", 443)),
    ]


@pytest.mark.parametrize("bad", [LOOPBACK_4, LOOPBACK_6, METADATA])
@pytest.mark.parametrize("good", [PUBLIC_4, PUBLIC_6])
def test_one_bad_address_among_good_ones_refuses_the_name(good: Address, bad: Address) -> None:
    for found in ([bad], [good, bad], [bad, good], [good, good, good, bad]):
        with pytest.raises(AddressRefused):
            answer_of(*found)


def test_a_name_that_is_bound_anew_is_refused_although_it_was_good_before() -> None:
    names = Names([PUBLIC_4], [LOOPBACK_4])
    resolve = guarded(names, policy=Policy.PUBLIC)

    assert resolve(HOST, 443) == [PUBLIC_4]
    with pytest.raises(AddressRefused):
        resolve(HOST, 443)
    assert resolve(HOST, 443) == [PUBLIC_4]
    assert names.asked == [(HOST, 443)] * 3


@pytest.mark.parametrize(
    "strange",
    [
        pytest.param((AAAA, ("fe80::1", 443, 0, 2)), id="link-local with its interface"),
        pytest.param((AAAA, ("::ffff:127.0.0.1", 443, 0, 0)), id="v4-mapped"),
        pytest.param((AAAA, (10, b"\x20\x01")), id="from a Python without IPv6"),
        pytest.param((socket.AF_UNIX, ("/run/other.sock", 0)), id="of this machine's own"),
        pytest.param((A, ("example.com", 443)), id="another name"),
    ],
)
def test_what_is_no_address_of_the_internet_is_refused(strange: Address) -> None:
    with pytest.raises(AddressRefused):
        answer_of(strange)


def test_the_connection_is_to_the_port_that_was_asked_for_and_to_no_interface() -> None:
    assert answer_of((A, ("93.184.215.14", 9001)), (AAAA, ("2606:4700::1", 9001, 7, 3))) == [
        (A, ("93.184.215.14", 443)),
        (AAAA, ("2606:4700::1", 443)),
    ]


def test_on_a_laptop_a_name_leads_to_this_machine_or_nowhere() -> None:
    assert answer_of(LOOPBACK_6, LOOPBACK_4, policy=Policy.LOCAL) == [
        (AAAA, ("::1", 443)),
        (A, ("127.0.0.1", 443)),
    ]
    with pytest.raises(AddressRefused):
        answer_of(LOOPBACK_4, PUBLIC_4, policy=Policy.LOCAL)


def test_a_name_without_addresses_has_none() -> None:
    assert answer_of() == []


def test_an_unknown_name_stays_unknown() -> None:
    def unknown(host: str, port: int) -> Sequence[Address]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    with pytest.raises(socket.gaierror):
        guarded(unknown, policy=Policy.PUBLIC)(HOST, 443)
