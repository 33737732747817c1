"""The page is for a browser that has the key, under our own address, and from our own page."""

from collections.abc import Iterator

import pytest

from tests.unit.cli.page.seeing import site_of, well
from tests.unit.cli.page.serving import KEY, Served, serving
from tests.unit.cli.stage import FakeStage

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self';"
        " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with serving(site_of(FakeStage().open, lambda world: well())) as page:
        yield page


def test_the_key_becomes_a_cookie_and_leaves_the_address_bar(served: Served) -> None:
    entered = served.ask(f"/?key={KEY}", Cookie="")
    cookie, *attributes = entered.headers["set-cookie"].split("; ")

    assert (entered.status, entered.headers["location"]) == (303, "/")
    assert {each.lower() for each in attributes} == {"httponly", "path=/", "samesite=strict"}
    assert served.ask(Cookie=cookie).status == 200


@pytest.mark.parametrize(
    ("path", "cookie"),
    [
        ("/", ""),
        ("/?key=", ""),
        ("/?key=another", ""),
        ("/?key=%ff%00", ""),
        ("/page.js", ""),
        ("/", "couponbus_page_1=" + KEY),
        ("/", "couponbus_page_{port}=another"),
        ("/", "couponbus_page_{port}="),
    ],
)
def test_without_the_key_nothing_is_shown_but_what_to_do(
    path: str, cookie: str, served: Served
) -> None:
    refused = served.ask(path, Cookie=cookie.format(port=served.port))

    assert refused.status == 403
    assert "Open the whole URL" in refused.text
    assert "Sign-ups" not in refused.text
    assert KEY not in refused.text


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "rebound.example:{port}",
        "127.0.0.1",
        "127.0.0.1:1",
        "localhost",
        "127.0.0.1.rebound.example:{port}",
        "[::1]:{port}",
        "0.0.0.0:{port}",
        "127.1:{port}",
        "user@127.0.0.1:{port}",
    ],
)
def test_a_name_that_only_leads_here_is_misdirected(host: str, served: Served) -> None:
    # With the right key too: a page that rebinds its name to 127.0.0.1 has the reader's browser.
    refused = served.ask(f"/?key={KEY}", Host=host.format(port=served.port))

    assert refused.status == 421
    assert "set-cookie" not in refused.headers


@pytest.mark.parametrize("host", ["127.0.0.1:{port}", "localhost:{port}", "LOCALHOST:{port}"])
def test_our_own_names_are_let_in(host: str, served: Served) -> None:
    assert served.ask(Host=host.format(port=served.port)).status == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},  # another port of this machine
        {"Sec_Fetch_Site": "none"},
        {"Sec_Fetch_Site": "cross-site", "Origin": "http://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "", "Origin": "http://rebound.example"},
        {"Sec_Fetch_Site": "", "Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "", "Origin": "https://127.0.0.1:{port}"},
        {"Sec_Fetch_Site": "", "Origin": "null"},
        {"Sec_Fetch_Site": "", "Origin": ""},
    ],
)
def test_a_search_that_another_page_sends_is_refused(sent: dict[str, str], served: Served) -> None:
    headers = {name: value.format(port=served.port) for name, value in sent.items()}

    assert served.search("query=7", **headers).status == 403


def test_a_search_from_the_page_is_answered(served: Served) -> None:
    of_old = {"Sec_Fetch_Site": "", "Origin": f"http://127.0.0.1:{served.port}"}

    assert served.search("query=7").status == 200
    assert served.search("query=7", **of_old).status == 200


def test_no_query_can_stand_in_an_address(served: Served) -> None:
    assert served.ask("/search?query=4001").status == 405


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
def test_nothing_else_can_be_asked_of_it(method: str, served: Served) -> None:
    assert served.ask(method=method, Sec_Fetch_Site="same-origin").status == 405


def test_a_search_is_bounded(served: Served) -> None:
    assert served.search(f"query={'7' * 33_000}").status == 413
    assert "at most 200 characters" in served.search(f"query={'7' * 201}").text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/", {}, 200),
        ("/page.css", {}, 200),
        ("/page.js", {}, 200),
        ("/nowhere", {}, 404),
        (f"/?key={KEY}", {}, 303),
        ("/", {"Cookie": ""}, 403),
        ("/", {"Host": "rebound.example"}, 421),
    ],
)
def test_each_answer_is_kept_nowhere_and_may_load_nothing_from_elsewhere(
    path: str, headers: dict[str, str], status: int, served: Served
) -> None:
    answered = served.ask(path, Origin="http://rebound.example", **headers)

    assert answered.status == status
    assert answered.headers.items() >= HEADERS.items()
    assert not [name for name in answered.headers if name.startswith("access-control-")]
    assert "server" not in answered.headers


def test_the_script_is_short_enough_to_be_read(served: Served) -> None:
    assert 0 < len(served.ask("/page.js").text.splitlines()) <= 60
