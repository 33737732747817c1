"""Checks of an endpoint's URL that need no network."""

import re

import idna

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.webhooks.addresses import Policy, may_be_called

URL_MAX = 2048
HOST_MAX = 253
EXAMPLES = {
    Policy.PUBLIC: "https://hooks.example.com/couponbus",
    Policy.LOCAL: "http://127.0.0.1:9000/couponbus",
}
HTTPS_PORT = "443"
PORTS = range(1, 65536)
_SCHEMES = ("http", "https")
_NOT_PUBLIC = ("localhost", "localdomain", "local", "internal", "home.arpa")

_URL = re.compile(r"(?P<scheme>[^:/?]+)://(?P<authority>[^/?]+)(?P<rest>.*)")
_AUTHORITY = re.compile(r"(?P<host>\[[^\[\]]+\]|[^:\[\]]+)(:(?P<port>.*))?")
# The characters of RFC 3986 for path and query: the libraries below agree on no others.
_REST = re.compile(r"([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
# As in browsers: a last label that is a number makes the whole host an IPv4 address.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOTTED = re.compile(r"[0-9]+(\.[0-9]+){3}")


def endpoint_url(url: str, *, policy: Policy) -> str:
    """Return the URL with its host in lower-case ASCII, as it is stored, shown and called.

    Raises ConfigurationInvalid. The text says how to correct the URL and repeats nothing of it,
    because it may hold a token.
    """
    _refuse_what_no_parser_agrees_on(url)
    parts = _URL.fullmatch(url)
    scheme = parts["scheme"].lower() if parts else ""
    if parts is None or scheme not in _SCHEMES:
        raise _not_a_url(policy)
    if scheme != "https" and policy is Policy.PUBLIC:
        raise _invalid("must start with https://; nothing is sent where others can read it")
    if not _REST.fullmatch(parts["rest"]):
        raise _invalid("holds a character behind its host that needs percent-encoding; encode it")
    return f"{scheme}://{_place(parts['authority'], policy=policy)}{parts['rest']}"


def _refuse_what_no_parser_agrees_on(url: str) -> None:
    if len(url) > URL_MAX:
        raise _invalid(f"is longer than {URL_MAX} characters; use a shorter one")
    if " " in url or not url.isprintable():
        raise _invalid("holds a space or an invisible character; remove it, or write it as %20")
    if "\\" in url:
        raise _invalid("holds a backslash; write / instead")
    if "#" in url:
        raise _invalid("holds a fragment (#...), which no server gets to see; leave it out")


def _place(authority: str, *, policy: Policy) -> str:
    """Return host and port; the port only on a local stage."""
    if "@" in authority:
        raise _invalid(
            "holds a user or a password; leave them out, each webhook has a signature instead"
        )
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise _not_a_url(policy)
    if policy is Policy.LOCAL:
        return _local_host(parts["host"]) + _local_port(parts["port"])
    if parts["port"] not in (None, HTTPS_PORT):
        raise _invalid("names a port; leave it out, only 443 is called")
    return _public_host(parts["host"])


def _public_host(host: str) -> str:
    if host.startswith("["):
        raise _literal()
    name = _name(host)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        raise _literal()
    if "." not in name or any(f".{name}".endswith(f".{each}") for each in _NOT_PUBLIC):
        raise _invalid(
            "has a host that is known in one network only; use a public name such as "
            "hooks.example.com"
        )
    return name


def _local_host(host: str) -> str:
    bracketed = host.startswith("[")
    literal = host[1:-1] if bracketed else host
    # A name is checked by its addresses, at each attempt; so is another spelling of an address.
    if bracketed != (":" in literal):
        raise _unknown()
    if (bracketed or _DOTTED.fullmatch(host)) and not may_be_called(literal, policy=Policy.LOCAL):
        raise _invalid("leads away from this machine; the stage 'local' calls 127.0.0.1 and ::1")
    return host.lower() if bracketed else _name(host)


def _local_port(port: str | None) -> str:
    if port is None:
        return ""
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) not in PORTS:
        raise _invalid("has a port that is no number from 1 to 65535; correct it")
    return f":{int(port)}"


def _name(host: str) -> str:
    """Return a name in the form that DNS uses."""
    # One dot at the end stands for the root, with which no certificate is issued.
    name = _in_ascii(host).lower().removesuffix(".")
    if len(name) > HOST_MAX or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise _unknown()
    return name


def _in_ascii(host: str) -> str:
    """Return the name in ASCII, empty for an invalid one; the library's error would repeat it."""
    try:
        return host if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except UnicodeError:
        return ""


def _not_a_url(policy: Policy) -> ConfigurationInvalid:
    return _invalid(f"is not a URL such as {EXAMPLES[policy]}")


def _literal() -> ConfigurationInvalid:
    return _invalid("has an IP address for a host; use a name, for which a certificate is issued")


def _unknown() -> ConfigurationInvalid:
    return _invalid(
        "has a host that is no name: parts of 1 to 63 letters, digits and hyphens, joined by dots"
    )


def _invalid(what: str) -> ConfigurationInvalid:
    return ConfigurationInvalid(f"url: it {what}")
