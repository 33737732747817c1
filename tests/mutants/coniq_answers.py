"""Mistakes in requests to Coniq, and in reading its answers."""

from tests.mutants.planting import Mistake

MISTAKES = (
    Mistake(
        name="an id of Coniq's may be true",
        module="couponbus.providers.coniq.fields",
        right="if isinstance(value, bool) or (isinstance(",
        wrong="if (isinstance(",
        caught_by="tests/unit/providers/coniq/test_wire.py::test_without_what_identifies_it_there_is_no_barcode",
    ),
    Mistake(
        name="two equal keys in an item are the last one",
        module="couponbus.providers.coniq.wire",
        right=(
            "    if _may_say_two_things(body, items):\n"
            "        return _read_mixed(strict_answer(body))\n"
        ),
        wrong="",
        caught_by="tests/unit/providers/coniq/test_wire.py::test_what_cannot_be_read_in_one_way_only_is_not_read",
    ),
    Mistake(
        name="an item that is nothing we know is left out",
        module="couponbus.providers.coniq.wire",
        right=("            strays += 1\n"),
        wrong=("            pass\n"),
        caught_by="tests/unit/providers/coniq/test_wire.py::test_without_what_identifies_it_there_is_no_barcode",
    ),
    Mistake(
        name="a number that the answer gives to two requests is issued to both",
        module="couponbus.providers.coniq.matching",
        right="        if numbers & shared:",
        wrong="        if False:",
        caught_by="tests/unit/providers/coniq/test_matching.py::test_one_number_for_two_customers_is_given_to_neither",
    ),
    Mistake(
        name="an item error of a passing trouble is a refusal",
        module="couponbus.providers.coniq.matching",
        right=("    if _is_passing(error.status):\n        return _unknown(error.reason)\n"),
        wrong="",
        caught_by="tests/unit/providers/coniq/test_matching.py::test_an_error_that_may_pass_is_no_refusal_trusted_or_not",
    ),
    Mistake(
        name="a batch of one is sent to the batch",
        module="couponbus.providers.coniq.client",
        right=("    if len(requests) == 1:\n        return SINGLE, request_body(requests[0])\n"),
        wrong="",
        caught_by="tests/contracts/test_coniq_client.py::test_one_request_that_is_refused_shows_not_yet_who_is_to_blame",
    ),
    Mistake(
        name="the envelope of a batch is left out",
        module="couponbus.providers.coniq.client",
        right="batch_body(requests, envelope=account.batch_envelope)",
        wrong="batch_body(requests, envelope=None)",
        caught_by="tests/contracts/test_coniq_client.py::test_the_request_may_be_in_an_envelope",
    ),
    Mistake(
        name="an unreadable item of a look-up is left out",
        module="couponbus.providers.coniq.client",
        right="if reading.errors or reading.strays or is_own_error(body):",
        wrong="if False:",
        caught_by="tests/integration/sockets/test_coniq_question_faults.py::test_what_cannot_be_trusted_never_looks_like_nothing_found",
    ),
    Mistake(
        name="an empty list of customers beside an error is absence",
        module="couponbus.providers.coniq.customers",
        right="    if contradicts_items(value, items=len(items)):",
        wrong="    if False:",
        caught_by="tests/unit/providers/coniq/test_customers.py::test_a_list_that_is_contradicted_around_it_proves_no_absence",
    ),
    Mistake(
        name="a refused key is not read anew",
        module="couponbus.providers.coniq.client",
        right=("                self._keys.refresh(account.secret_id)\n"),
        wrong=("                pass\n"),
        caught_by="tests/integration/sockets/test_coniq_issue_faults.py::test_a_refused_key_is_read_anew_for_the_next_call",
    ),
    Mistake(
        name="a look-up with a refused key is not asked again",
        module="couponbus.providers.coniq.gets",
        right=("            self.keys.refresh(account.secret_id)\n"),
        wrong="",
        caught_by="tests/integration/sockets/test_coniq_question_faults.py::test_a_refused_key_is_read_again_once",
    ),
)
