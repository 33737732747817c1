"""Two spellings of one address are one mailbox, two mailboxes are never one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from couponbus.domain.email_address import email_key

COMPOSED, DECOMPOSED = "jos\u00e9", "jose\u0301"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann@shop.example", " Ann@SHOP.Example "),
        (f"{COMPOSED}@shop.example", f"{DECOMPOSED}@shop.example"),
        (f"{COMPOSED}@shop.example", f"{DECOMPOSED.upper()}@SHOP.EXAMPLE"),
        ("ann@m\u00fcnchen.example", "ann@xn--mnchen-3ya.example"),
        ("ann@mu\u0308nchen.example", "ANN@XN--MNCHEN-3YA.EXAMPLE"),
        ("ann@M\u00dcNCHEN.example", "ann@m\u00fcnchen.example"),
        ("ann@m\u00fcnchen\u3002example", "ann@m\u00fcnchen.example"),
        ("ann@\uff53hop.example", "ann@shop.example"),
        ("ann@fa\u00df.example", "ann@xn--fa-hia.example"),
        ("stra\u00dfe@shop.example", "STRA\u1e9eE@shop.example"),
        ("\u0130nfo@shop.example", "info@shop.example"),
        ("\u0130nfo@shop.example", "i\u0307nfo@shop.example"),
        ("\u03bf\u03b4\u03bf\u03c2@shop.example", "\u039f\u0394\u039f\u03a3@shop.example"),
    ],
)
def test_two_spellings_are_one_mailbox(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("strasse@shop.example", "stra\u00dfe@shop.example"),
        ("ann@strasse.example", "ann@stra\u00dfe.example"),
        ("jose@shop.example", f"{COMPOSED}@shop.example"),
        ("fi@shop.example", "\ufb01@shop.example"),
        ("\u0131nfo@shop.example", "info@shop.example"),
        ("ann+shop@shop.example", "ann@shop.example"),
        ("an.n@shop.example", "ann@shop.example"),
        ("xn--mnchen-3ya@shop.example", "m\u00fcnchen@shop.example"),
    ],
)
def test_two_mailboxes_stay_two(one: str, other: str) -> None:
    assert email_key(one) != email_key(other)


@pytest.mark.parametrize("domain", ["xn--", "xn--\u00e9", "xn--99999999999.example", "", "."])
def test_a_domain_that_has_no_other_form_is_compared_as_it_is(domain: str) -> None:
    assert email_key(f"Ann@{domain}") == email_key(f"ann@{domain}")


WORDS = st.text(alphabet=st.characters(categories=["L", "N"]), max_size=30)


@given(WORDS, WORDS)
def test_the_key_of_a_key_is_the_key(local: str, domain: str) -> None:
    key = email_key(f"{local}@{domain}")

    assert email_key(key) == key
