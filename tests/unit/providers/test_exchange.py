"""How an exchange is reported that was cut short, and one that never began."""

import ssl
import time

import pytest
import requests

from couponbus.providers.http.connections import DeadlineAdapter, look_up, pools_with
from couponbus.providers.http.deadline import CallInProgress
from couponbus.providers.http.exchange import Prepare, UrlRewritten, exchange
from couponbus.providers.http.failure import Failure

TRUST = ssl.create_default_context()
SECONDS = 0.05
PLENTY = 5.0


def result_of(prepare: Prepare, *, call: CallInProgress) -> str | Failure:
    return exchange(
        prepare,
        adapter=DeadlineAdapter(trust=TRUST, pools=pools_with(look_up)),
        call=call,
        connect_seconds=PLENTY,
        read=lambda response, call: "an answer",
    )


def fails(error: Exception, *, after: float) -> Prepare:
    def prepare() -> requests.PreparedRequest:
        time.sleep(after)
        raise error

    return prepare


@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (ssl.SSLEOFError(8, "eof"), Failure.TLS_REFUSED),
        (ConnectionResetError(), Failure.NOT_CONNECTED),
        (UrlRewritten(), Failure.URL_REWRITTEN),
        (RuntimeError("a mistake of ours"), Failure.UNEXPECTED),
    ],
)
def test_what_goes_wrong_in_time_is_named(error: Exception, failure: Failure) -> None:
    with CallInProgress(seconds=PLENTY) as call:
        assert result_of(fails(error, after=0.0), call=call) is failure


def test_a_request_that_was_sent_and_fails_after_its_time_ran_out_of_it() -> None:
    with CallInProgress(seconds=SECONDS) as call:
        call.mark_sent()
        broken = fails(ssl.SSLEOFError(8, "eof"), after=SECONDS * 2)
        assert result_of(broken, call=call) is Failure.DEADLINE


def test_nothing_is_prepared_when_no_time_is_left() -> None:
    with CallInProgress(seconds=0.0) as call:
        never = fails(AssertionError("it was prepared"), after=0.0)
        assert result_of(never, call=call) is Failure.NO_TIME_LEFT


def test_a_request_whose_preparation_took_all_of_the_time_was_not_sent() -> None:
    def prepare() -> requests.PreparedRequest:
        time.sleep(SECONDS * 2)
        return requests.Request("GET", "http://127.0.0.1:9/").prepare()

    with CallInProgress(seconds=SECONDS) as call:
        failure = result_of(prepare, call=call)

    assert isinstance(failure, Failure)
    assert failure.proves_not_sent
