"""Which addresses may be called, each with the reason why or why not."""

import pytest

from couponbus.providers.webhooks.addresses import Policy, may_be_called, policy_of

PUBLIC = [
    ("93.184.215.14", "a web server"),
    ("8.8.8.8", "a public resolver"),
    ("1.1.1.1", "another one"),
    ("100.63.255.255", "the last before carrier-grade NAT"),
    ("100.128.0.0", "the first after it"),
    ("172.15.255.255", "the last before 172.16/12"),
    ("172.32.0.0", "the first after it"),
    ("223.255.255.254", "the last before multicast"),
    ("2606:4700:4700::1111", "a public resolver, IPv6"),
    ("2a00:1450:4001:80e::200e", "a web server, IPv6"),
    ("2001:200::1", "the first beyond 2001::/23"),
    ("2003::1", "the first beyond 6to4"),
    ("2a00:1450::5efe:808:808", "ISATAP with a public IPv4"),
    ("2a00:1450::200:5efe:808:808", "ISATAP with a public IPv4, marked as global"),
]
NOT_PUBLIC = [
    ("127.0.0.1", "this machine, where the runtime API listens on port 9001"),
    ("127.255.255.254", "this machine as well"),
    ("0.0.0.0", "Linux connects it to this machine"),
    ("0.1.2.3", "this network"),
    ("10.0.0.1", "private"),
    ("10.255.255.255", "private"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.168.0.1", "private"),
    ("100.64.0.1", "carrier-grade NAT: Python does not call it private"),
    ("100.100.100.200", "metadata of a cloud, in the same range"),
    ("169.254.0.1", "link-local"),
    ("169.254.169.254", "metadata of a cloud"),
    ("169.254.170.2", "credentials of a container"),
    ("169.254.100.1", "where Lambda's traces go"),
    ("192.0.0.1", "protocol assignments"),
    ("192.0.0.9", "the nearest port control server: Python calls it global"),
    ("192.0.0.192", "metadata of a cloud"),
    ("192.0.2.1", "documentation"),
    ("198.51.100.7", "documentation"),
    ("203.0.113.7", "documentation"),
    ("198.18.0.1", "benchmarks"),
    ("198.19.255.255", "benchmarks"),
    ("192.88.99.1", "a relay of 6to4: Python calls it global"),
    ("224.0.0.1", "multicast: Python calls it global"),
    ("239.255.255.250", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "broadcast"),
    ("::", "nowhere, which Linux connects to this machine"),
    ("::1", "this machine"),
    ("::127.0.0.1", "v4-compatible"),
    ("::8.8.8.8", "v4-compatible is given up, whatever it holds"),
    ("::ffff:127.0.0.1", "v4-mapped"),
    ("::ffff:a9fe:a9fe", "v4-mapped metadata, in hex"),
    ("::ffff:8.8.8.8", "v4-mapped: a resolver gives the IPv4 itself"),
    ("::ffff:0:127.0.0.1", "v4-translated"),
    ("64:ff9b::7f00:1", "NAT64 of 127.0.0.1: Python calls it global"),
    ("64:ff9b::a9fe:a9fe", "NAT64 of metadata"),
    ("64:ff9b::808:808", "NAT64, whatever it holds"),
    ("64:ff9b:1::a00:1", "NAT64 of a private network"),
    ("100::1", "discarded"),
    ("2001::1", "Teredo"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "Teredo that hides 127.0.0.1"),
    ("2001:2::1", "benchmarks"),
    ("2001:10::1", "ORCHID"),
    ("2001:20::1", "ORCHIDv2"),
    ("2001:1ff:ffff::1", "the last of 2001::/23"),
    ("2001:db8::1", "documentation"),
    ("2002:7f00:1::", "6to4 of 127.0.0.1"),
    ("2002:a9fe:a9fe::1", "6to4 of metadata"),
    ("2002:808:808::1", "6to4, whatever it holds"),
    ("3fff::1", "documentation: Python 3.13.0 calls it global"),
    ("2a00:1450::5efe:7f00:1", "ISATAP of 127.0.0.1"),
    ("2a00:1450::200:5efe:a00:1", "ISATAP of 10.0.0.1"),
    ("4000::1", "beyond 2000::/3"),
    ("5f00::1", "segment routing"),
    ("fc00::1", "unique local"),
    ("fd00:ec2::254", "metadata of a cloud, IPv6"),
    ("fd00:ec2::23", "credentials of a container, IPv6"),
    ("fe80::1", "link-local"),
    ("febf::1", "link-local"),
    ("fec0::1", "site-local: Python calls it global"),
    ("ff02::1", "multicast: Python calls it global"),
    ("ff0e::1", "multicast of the whole internet"),
    ("2a00:1450::1%eth0", "an interface of this machine"),
    ("fe80::1%1", "an interface of this machine"),
]
NO_ADDRESS = [
    *("", " ", "example.com", "2130706433", "0x7f.1", "127.1", "0177.0.0.1", "8.8.8.8 "),
    *("[2a00:1450::1]", "8.8.8.8:443", "8.8.8.8/32", "8.8.8", "8.8.8.08", "\uff18.8.8.8"),
]


@pytest.mark.parametrize(("address", "reason"), PUBLIC)
def test_a_public_address_may_be_called(address: str, reason: str) -> None:
    assert may_be_called(address, policy=Policy.PUBLIC), reason


@pytest.mark.parametrize(("address", "reason"), NOT_PUBLIC)
def test_no_other_address_may_be_called(address: str, reason: str) -> None:
    assert not may_be_called(address, policy=Policy.PUBLIC), reason


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("text", NO_ADDRESS)
def test_what_no_resolver_writes_is_no_address(text: str, policy: Policy) -> None:
    assert not may_be_called(text, policy=policy)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "0:0:0:0:0:0:0:1"])
def test_on_a_laptop_the_machine_itself_may_be_called(address: str) -> None:
    assert may_be_called(address, policy=Policy.LOCAL)


@pytest.mark.parametrize(
    "address",
    [
        *(address for address, _ in PUBLIC),
        *("0.0.0.0", "10.0.0.1", "192.168.0.1", "169.254.169.254", "126.255.255.255"),
        *("::", "::ffff:127.0.0.1", "::1%lo", "::2", "fe80::1", "fd00:ec2::254"),
    ],
)
def test_on_a_laptop_nothing_else_may_be_called(address: str) -> None:
    assert not may_be_called(address, policy=Policy.LOCAL)


@pytest.mark.parametrize("stage", ["dev", "prod", "Local", "local ", "", "localstack"])
def test_only_the_stage_local_stays_on_its_machine(stage: str) -> None:
    assert policy_of(stage) is Policy.PUBLIC
    assert policy_of("local") is Policy.LOCAL
