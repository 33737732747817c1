"""Mistakes about HTTP: what may be sent again, to which host, and for how long."""

from tests.mutants.planting import Mistake

MISTAKES = (
    Mistake(
        name="a redirect is followed by the webhook's sender",
        module="couponbus.providers.webhooks.sender",
        right="status=response.status_code, retry",
        wrong="status=200 if response.is_redirect else response.status_code, retry",
        caught_by="tests/integration/sockets/test_webhook_sender.py::test_a_redirect_is_a_status_and_is_not_followed",
    ),
    Mistake(
        name="a webhook waits as long as it is asked to",
        module="couponbus.providers.webhooks.sender",
        right="longest=RETRY_AFTER_MAX",
        wrong="longest=1e9",
        caught_by="tests/integration/sockets/test_webhook_sender.py::test_retry_after_is_kept_within_bounds",
    ),
    Mistake(
        name="a webhook may take all of the invocation",
        module="couponbus.providers.webhooks.sender",
        right="seconds = min((deadline - started).total_seconds(), LONGEST_SECONDS)",
        wrong="seconds = (deadline - started).total_seconds()",
        caught_by="tests/integration/sockets/test_webhook_sender.py::test_no_attempt_is_given_more_than_fifteen_seconds",
    ),
    Mistake(
        name="a webhook leaves its deadline aside",
        module="couponbus.providers.webhooks.sender",
        right="seconds = min((deadline - started).total_seconds(), LONGEST_SECONDS)",
        wrong="seconds = LONGEST_SECONDS",
        caught_by="tests/integration/sockets/test_webhook_sender.py::test_no_attempt_is_given_more_than_fifteen_seconds",
    ),
    Mistake(
        name="a POST is sent over a kept connection",
        module="couponbus.providers.http.transport",
        right='**_AS_IT_IS, **headers, "Connection": "close"}, data=body',
        wrong="**_AS_IT_IS, **headers}, data=body",
        caught_by="tests/integration/sockets/test_transport_faults.py::test_each_post_has_a_connection_of_its_own",
    ),
    Mistake(
        name="an encoded answer is read",
        module="couponbus.providers.http.transport",
        right="            return Failure.ENCODED  # not asked for, and a bomb looks no different",
        wrong="            pass",
        caught_by="tests/integration/sockets/test_transport_faults.py::test_an_answer_that_does_not_arrive_whole_leaves_the_outcome_open",
    ),
    Mistake(
        name="an answer that was cut is whole",
        module="couponbus.providers.http.transport",
        right=("        if call.was_cut:\n            return Failure.DEADLINE\n"),
        wrong="",
        caught_by="tests/integration/sockets/test_transport_deadline.py::test_a_post_is_over_at_its_deadline",
    ),
    Mistake(
        name="a body of any length is read",
        module="couponbus.providers.http.transport",
        right=("        if len(body) > most:\n            return None\n    return bytes(body)"),
        wrong="    return bytes(body)",
        caught_by="tests/integration/sockets/test_transport_faults.py::test_an_answer_that_does_not_arrive_whole_leaves_the_outcome_open",
    ),
    Mistake(
        name="an announced length is not believed",
        module="couponbus.providers.http.transport",
        right="    if announced.isdecimal() and (",
        wrong="    if False and (",
        caught_by="tests/integration/sockets/test_transport_faults.py::test_an_answer_that_does_not_arrive_whole_leaves_the_outcome_open",
    ),
    Mistake(
        name="a rewritten URL is sent",
        module="couponbus.providers.http.transport",
        right=(
            "            if request.url != url or not url.endswith(request.path_url):\n"
            "                raise UrlRewritten\n"
        ),
        wrong="",
        caught_by="tests/integration/sockets/test_raw_url.py::test_a_url_that_would_be_rewritten_is_not_sent",
    ),
    Mistake(
        name="a request that may be sent counts as not sent when retried",
        module="couponbus.providers.http.deadline",
        right=("        self.phase = Phase.MAYBE_SENT\n"),
        wrong=("        self.phase = Phase.NOT_SENT\n"),
        caught_by="tests/integration/sockets/test_transport_faults.py::test_an_answer_that_does_not_arrive_whole_leaves_the_outcome_open",
    ),
    Mistake(
        name="no time left is a sent request",
        module="couponbus.providers.http.exchange",
        right=("    if call.left <= 0:\n        return Failure.NO_TIME_LEFT\n"),
        wrong="",
        caught_by="tests/integration/sockets/test_transport_deadline.py::test_nothing_is_sent_when_the_time_is_over_before",
    ),
    Mistake(
        name="a question is repeated without end",
        module="couponbus.providers.http.retries",
        right="if not passing or repeats >= min(most, REPEATS_MAX):",
        wrong="if not passing or repeats >= REPEATS_MAX + 5:",
        caught_by="tests/unit/providers/test_repeat.py::test_a_call_that_may_not_be_repeated_is_not",
    ),
    Mistake(
        name="a Retry-After in the past is a long one",
        module="couponbus.providers.http.retries",
        right="seconds = (date - now).total_seconds()",
        wrong="seconds = abs((date - now).total_seconds())",
        caught_by="tests/unit/providers/test_retry_after.py::test_seconds_and_dates_are_understood_within_bounds",
    ),
    Mistake(
        name="a Retry-After is obeyed without a bound",
        module="couponbus.providers.http.retries",
        right="else min(max(seconds, SHORTEST), longest)",
        wrong="else max(seconds, SHORTEST)",
        caught_by="tests/unit/providers/test_retry_after.py::test_seconds_and_dates_are_understood_within_bounds",
    ),
    Mistake(
        name="a lost connection proves that nothing was sent",
        module="couponbus.providers.http.failure",
        right=("        Failure.ADDRESS_REFUSED,\n    }\n)"),
        wrong=("        Failure.ADDRESS_REFUSED,\n        Failure.CONNECTION_LOST,\n    }\n)"),
        caught_by="tests/unit/providers/test_failure.py::test_after_the_first_byte_nothing_proves_that_nothing_was_sent",
    ),
    Mistake(
        name="a certificate that is refused may have been sent to",
        module="couponbus.providers.http.failure",
        right=("        Failure.TLS_REFUSED,\n        Failure.NO_TIME_LEFT"),
        wrong="        Failure.NO_TIME_LEFT",
        caught_by="tests/unit/providers/test_failure.py::test_before_the_first_byte_a_known_failure_proves_that_nothing_was_sent",
    ),
    Mistake(
        name="an address inside is public: multicast",
        module="couponbus.providers.webhooks.addresses",
        right="return address.is_global and not (address.is_multicast or address.is_reserved)",
        wrong="return address.is_global",
        caught_by="tests/unit/providers/webhooks/test_addresses.py::test_no_other_address_may_be_called",
    ),
    Mistake(
        name="an address inside is public: ISATAP",
        module="couponbus.providers.webhooks.addresses",
        right="and _is_public_v4(IPv4Address(interface & 0xFFFF_FFFF))",
        wrong="",
        caught_by="tests/unit/providers/webhooks/test_addresses.py::test_no_other_address_may_be_called",
    ),
    Mistake(
        name="an address with a zone may be called",
        module="couponbus.providers.webhooks.addresses",
        right=('    if "%" in address:  # an interface of this machine\n        return False\n'),
        wrong="",
        caught_by="tests/unit/providers/webhooks/test_addresses.py::test_no_other_address_may_be_called",
    ),
)
