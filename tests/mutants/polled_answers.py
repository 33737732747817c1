"""Mistakes in reading what Uniqodo and Koupon Media answer."""

from tests.mutants.planting import Mistake

MISTAKES = (
    Mistake(
        name="a stale key is not renewed at Uniqodo",
        module="couponbus.providers.uniqodo.gets",
        right="            if newer is not None and newer != key:",
        wrong="            if False:",
        caught_by="tests/contracts/test_uniqodo_faults.py::test_a_wrong_key_is_refused_and_a_new_one_is_found",
    ),
    Mistake(
        name="the same key is tried again at Uniqodo",
        module="couponbus.providers.uniqodo.gets",
        right="if newer is not None and newer != key:",
        wrong="if newer is not None:",
        caught_by="tests/contracts/test_uniqodo_faults.py::test_each_fault_is_distinguished_from_the_others",
    ),
    Mistake(
        name="an error of Uniqodo's with data is an error",
        module="couponbus.providers.uniqodo.gets",
        right="if is_success or found.records is not None:",
        wrong="if is_success:",
        caught_by="tests/contracts/test_uniqodo_client.py::test_what_the_record_leaves_open_makes_no_difference",
    ),
    Mistake(
        name="a success without data is a redemption_list",
        module="couponbus.providers.uniqodo.gets",
        right=(
            "            return _refused(refusal.codes, like=by_status)\n"
            "        except WrongFormError"
        ),
        wrong=(
            '            return _broken(ContractBroken, "no_data", like=by_status)\n'
            "        except WrongFormError"
        ),
        caught_by="tests/contracts/test_uniqodo_faults.py::test_no_data_is_a_refusal",
    ),
    Mistake(
        name="a gateway's refusal is Uniqodo's",
        module="couponbus.providers.uniqodo.gets",
        right="                return of_gateway(by_status)",
        wrong="                return _refused((), like=by_status)",
        caught_by="tests/contracts/test_uniqodo_faults.py::test_each_fault_is_distinguished_from_the_others",
    ),
    Mistake(
        name="a request id may tell the key",
        module="couponbus.providers.uniqodo.gets",
        right="None if any(secret.casefold() in text for secret in secrets) else",
        wrong="",
        caught_by="tests/unit/providers/uniqodo/test_client.py::test_a_request_id_is_shown_unless_it_contains_a_secret",
    ),
    Mistake(
        name="an empty list of offers beside an error is what there is",
        module="couponbus.providers.koupon.reading",
        right="if isinstance(value, dict) and failure_field(value) is not None:",
        wrong="if False:",
        caught_by="tests/unit/providers/koupon/test_reading.py::test_an_answer_that_may_mean_something_else_is_broken",
    ),
    Mistake(
        name="a redemption_list without totals is complete",
        module="couponbus.providers.uniqodo.redemption_list",
        right="return bool(evidence) and all(evidence)",
        wrong="return all(evidence)",
        caught_by="tests/unit/providers/uniqodo/test_redemption_list.py::test_a_total_that_does_not_agree_leaves_the_history_incomplete",
    ),
    Mistake(
        name="one sum that agrees proves a redemption_list",
        module="couponbus.providers.uniqodo.redemption_list",
        right="return bool(evidence) and all(evidence)",
        wrong="return any(evidence)",
        caught_by="tests/unit/providers/uniqodo/test_redemption_list.py::test_sums_prove_as_much_as_a_count",
    ),
    Mistake(
        name="all records of one id are published",
        module="couponbus.providers.uniqodo.redemption_list",
        right="is_complete=is_plain and _is_complete(answer)",
        wrong="is_complete=_is_complete(answer)",
        caught_by="tests/unit/providers/uniqodo/test_redemption_list.py::test_a_record_that_comes_twice_counts_once_and_leaves_the_history_incomplete",
    ),
    Mistake(
        name="an unknown error of Uniqodo's ends a code",
        module="couponbus.providers.uniqodo.redemption_list",
        right="kinds.get(error.code, ProblemKind.OTHER)",
        wrong="kinds.get(error.code, next(iter(ProblemKind)))",
        caught_by="tests/contracts/test_uniqodo_client.py::test_every_field_of_an_error_survives_the_way_here",
    ),
    Mistake(
        name="an offer of Koupon's that may not be shown is",
        module="couponbus.providers.koupon.client",
        right=("    return offer.may_be_shown\n"),
        wrong=("    return True\n"),
        caught_by="tests/contracts/test_koupon_answers.py::test_an_adult_offer_is_held_back_whatever_the_account_says",
    ),
    Mistake(
        name="adult offers leave Koupon's reader",
        module="couponbus.providers.koupon.client",
        right=("        return False\n    return offer.may_be_shown"),
        wrong=("        return True\n    return offer.may_be_shown"),
        caught_by="tests/contracts/test_koupon_client.py::test_adult_offers_leave_only_if_wanted_and_for_whom_the_brand_knows",
    ),
    Mistake(
        name="a foreign offer is taken",
        module="couponbus.providers.koupon.client",
        right="if not present <= set(piece):",
        wrong="if False:",
        caught_by="tests/contracts/test_koupon_answers.py::test_an_answer_that_cannot_be_believed_is_broken",
    ),
    Mistake(
        name="what is missing of several offers is not named",
        module="couponbus.providers.koupon.client",
        right="replace(listed, missing=frozenset(piece) - present)",
        wrong="listed",
        caught_by="tests/contracts/test_koupon_client.py::test_all_of_them_one_and_several_agree",
    ),
    Mistake(
        name="only the first piece of several offers is published",
        module="couponbus.providers.koupon.client",
        right="return _joined(found)",
        wrong="return _joined(found[:1])",
        caught_by="tests/contracts/test_koupon_client.py::test_many_offers_are_asked_for_in_pieces",
    ),
    Mistake(
        name="a 404 to a question for all offers is an empty list",
        module="couponbus.providers.koupon.client",
        right=("        if answer is None:\n            raise RequestRefused("),
        wrong=(
            "        if answer is None:\n"
            "            return OfferList(offers=())\n"
            "            raise RequestRefused("
        ),
        caught_by="tests/contracts/test_koupon_client.py::test_an_unknown_consumer_is_reported",
    ),
    Mistake(
        name="withheld offers are not counted",
        module="couponbus.providers.koupon.client",
        right="withheld=len(offers) - len(shown)",
        wrong="withheld=0",
        caught_by="tests/contracts/test_koupon_client.py::test_adult_offers_leave_only_if_wanted_and_for_whom_the_brand_knows",
    ),
    Mistake(
        name="a gateway's 404 at Koupon is absence",
        module="couponbus.providers.koupon.gets",
        right="if answer.status == HTTPStatus.NOT_FOUND and is_own_error(answer.body):",
        wrong="if answer.status == HTTPStatus.NOT_FOUND:",
        caught_by="tests/contracts/test_koupon_faults.py::test_each_fault_says_what_can_be_done",
    ),
    Mistake(
        name="another secret is not tried at Koupon",
        module="couponbus.providers.koupon.gets",
        right=("            self.secrets.refresh(request.account.secret_id)\n"),
        wrong="",
        caught_by="tests/contracts/test_koupon_faults.py::test_a_secret_that_was_changed_is_read_again_once",
    ),
    Mistake(
        name="a skewed clock is taken for a wrong secret",
        module="couponbus.providers.koupon.gets",
        right="return skew is not None and skew > request.account.skew_seconds",
        wrong="return False",
        caught_by="tests/contracts/test_koupon_faults.py::test_clocks_that_are_too_far_apart_are_named_as_the_cause",
    ),
    Mistake(
        name="a repetition at Koupon's is signed as the first was",
        module="couponbus.providers.koupon.gets",
        right="                lambda: self._signed(request.url, credentials),",
        wrong="                (lambda url: lambda: url)(self._signed(request.url, credentials)),",
        caught_by="tests/integration/sockets/test_polled_providers.py::test_each_attempt_at_koupon_is_signed_anew",
    ),
    Mistake(
        name="a summary that counts more is not noticed",
        module="couponbus.providers.koupon.reading",
        right="return max(sum(count or 0 for count in counts) - len(self.offers), 0)",
        wrong="return 0",
        caught_by="tests/contracts/test_koupon_faults.py::test_an_offer_left_out_of_the_list_is_noticed",
    ),
    Mistake(
        name="an offer listed twice with two contents is one",
        module="couponbus.providers.koupon.reading",
        right='            raise BrokenAnswer("offer_twice")',
        wrong="            continue",
        caught_by="tests/contracts/test_koupon_answers.py::test_an_answer_that_cannot_be_believed_is_broken",
    ),
    Mistake(
        name="a code that contradicts the status is ignored",
        module="couponbus.providers.koupon.reading",
        right="if envelope.code is not None and envelope.code not in _SUCCESS:",
        wrong="if False:",
        caught_by="tests/contracts/test_koupon_answers.py::test_an_answer_that_cannot_be_believed_is_broken",
    ),
    Mistake(
        name="an authenticated consumer is unknown",
        module="couponbus.providers.koupon.reading",
        right="brand.cpg_brand_id: brand.is_authenticated is True",
        wrong="brand.cpg_brand_id: False",
        caught_by="tests/contracts/test_koupon_client.py::test_adult_offers_leave_only_if_wanted_and_for_whom_the_brand_knows",
    ),
    Mistake(
        name="ids are sent in one piece, however long",
        module="couponbus.providers.koupon.urls",
        right="if len(piece) == most or taken + needed > room:",
        wrong="if len(piece) == most:",
        caught_by="tests/unit/providers/koupon/test_chunks.py::test_long_ids_go_as_many_at_a_time_as_a_url_has_room_for",
    ),
    Mistake(
        name="ids are sent in one piece, however many",
        module="couponbus.providers.koupon.urls",
        right="if len(piece) == most or taken + needed > room:",
        wrong="if taken + needed > room:",
        caught_by="tests/contracts/test_koupon_client.py::test_many_offers_are_asked_for_in_pieces",
    ),
    Mistake(
        name="the signature leaves out the query",
        module="couponbus.providers.koupon.urls",
        right="signature_of(unsigned, secret=secret)",
        wrong='signature_of(unsigned.partition("?")[0], secret=secret)',
        caught_by="tests/contracts/test_koupon_client.py::test_a_consumer_has_the_public_offers_and_no_adult_one",
    ),
)
