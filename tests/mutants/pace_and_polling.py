"""Mistakes about the rate limiter, cohorts, history and programs on DynamoDB."""

from tests.mutants.planting import Mistake

MISTAKES = (
    Mistake(
        name="the pace is read eventually consistently",
        module="couponbus.aws.rate_limiter",
        right="Key=self._key(account), ConsistentRead=True",
        wrong="Key=self._key(account), ConsistentRead=False",
        caught_by="tests/contracts/test_rate_limiter.py::test_calls_are_counted_without_a_limit_and_for_each_account",
    ),
    Mistake(
        name="the pace is swapped without a condition on its revision",
        module="couponbus.aws.rate_limiter",
        right='"revision = :seen"',
        wrong='"revision >= :seen OR revision < :seen"',
        caught_by="tests/integration/aws/test_remembered_pace.py::test_a_worker_that_is_not_alone_any_more_takes_no_slot_of_another",
    ),
    Mistake(
        name="the pace of one provider's account is that of another's",
        module="couponbus.aws.rate_limiter",
        right='f"{PACE}{self.provider}#{account}"',
        wrong='f"{PACE}{account}"',
        caught_by="tests/integration/aws/test_rate_limiter.py::test_a_pace_stored_before_days_were_counted_has_spent_nothing",
    ),
    Mistake(
        name="a pace that was overtaken is granted all the same",
        module="couponbus.aws.rate_limiter",
        right="            if stored is None:\n                self._stored",
        wrong="            if True:\n                self._stored",
        caught_by="tests/integration/aws/test_rate_limiter.py::test_a_worker_that_is_overtaken_takes_the_slot_after",
    ),
    Mistake(
        name="an overtaken pace is tried again from the old one",
        module="couponbus.aws.rate_limiter",
        right="            pace, is_read = stored, True\n",
        wrong="",
        caught_by="tests/integration/aws/test_rate_limiter.py::test_a_worker_that_is_overtaken_takes_the_slot_after",
    ),
    Mistake(
        name="the failures are not stored with the pace",
        module="couponbus.aws.pace_item",
        right="_PACE.write(pace)",
        wrong='{**cast("Item", _PACE.write(pace)), "gets": {"M": {}}}',
        caught_by="tests/contracts/test_rate_limiter.py::test_a_streak_of_failures_closes_the_account",
    ),
    Mistake(
        name="a brake is not stored with the pace",
        module="couponbus.aws.pace_item",
        right="_PACE.write(pace)",
        wrong='{**cast("Item", _PACE.write(pace)), "brake": {"M": {}}}',
        caught_by="tests/contracts/test_brake.py::test_too_many_refusals_brake_posts_and_leave_questions_alone",
    ),
    Mistake(
        name="a cohort's arrivals replace those before",
        module="couponbus.aws.polling.cohorts",
        right='f"ADD {added} SET',
        wrong='f"SET {added.replace(" ", " = ").replace(", = ", ", ")},',
        caught_by="tests/contracts/test_cohorts.py::test_arrivals_add_up_and_departures_are_taken_away",
    ),
    Mistake(
        name="a departure registers a cohort anew",
        module="couponbus.aws.polling.cohorts",
        right='ConditionExpression="attribute_exists(#watches)"',
        wrong='ConditionExpression="attribute_exists(#watches) OR attribute_not_exists(#watches)"',
        caught_by="tests/contracts/test_cohorts.py::test_no_watch_leaves_a_cohort_that_is_not_there",
    ),
    Mistake(
        name="an announcement that failed is taken for one",
        module="couponbus.aws.polling.cohorts",
        right=("        for _ in self._threads.map(call, changes):\n            pass"),
        wrong="        self._threads.map(call, changes)",
        caught_by="tests/contracts/test_cohorts.py::test_every_cohort_that_was_entered_is_returned",
    ),
    Mistake(
        name="the members of the wrong index are read",
        module="couponbus.aws.polling.cohort_items",
        right='CohortKind.END: CohortIndex(name="ends", cohort="end_cohort", place="end_place")',
        wrong='CohortKind.END: CohortIndex(name="cohorts", cohort="cohort", place="place")',
        caught_by="tests/contracts/test_cohorts.py::test_a_watch_whose_code_ends_is_found_by_its_end_as_well",
    ),
    Mistake(
        name="the registry is read to the end of its first page",
        module="couponbus.aws.ledger.pages",
        right=('        if not page.get("LastEvaluatedKey"):\n            return\n'),
        wrong=("        return\n"),
        caught_by="tests/integration/aws/polling/test_cohorts.py::test_a_registry_of_many_pages_is_read_to_its_end",
    ),
    Mistake(
        name="a page of the registry is read again and again",
        module="couponbus.aws.ledger.pages",
        right='        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]',
        wrong=(
            '        if "ExclusiveStartKey" in request:\n'
            "            return\n"
            '        request["ExclusiveStartKey"] = page["LastEvaluatedKey"]'
        ),
        caught_by="tests/integration/aws/polling/test_cohorts.py::test_a_registry_of_many_pages_is_read_to_its_end",
    ),
    Mistake(
        name="a forgotten customer is a member",
        module="couponbus.aws.polling.cohort_items",
        right=("    if USER not in item:\n        return None\n"),
        wrong="",
        caught_by="tests/contracts/test_cohorts.py::test_a_forgotten_customer_is_not_returned_even_if_the_index_still_has_a_watch",
    ),
    Mistake(
        name="a cohort is forgotten with its last watch",
        module="couponbus.aws.polling.cohort_items",
        right="KEPT_LONGER = timedelta(days=7)",
        wrong="KEPT_LONGER = timedelta(days=-1)",
        caught_by="tests/integration/aws/polling/test_cohorts.py::test_a_registered_cohort_outlives_its_watches",
    ),
    Mistake(
        name="the history ends before the day of its end",
        module="couponbus.aws.ledger.history_index",
        right="while since < until and day < until:",
        wrong="while since < until and day + DAY < until:",
        caught_by="tests/contracts/test_history.py::test_an_event_is_found_with_what_a_replay_asks_of_it",
    ),
    Mistake(
        name="the end belongs to the history",
        module="couponbus.aws.ledger.history_index",
        right='":until": {"S": place_of(until)}',
        wrong='":until": {"S": place_of(until) + "~"}',
        caught_by="tests/contracts/test_history.py::test_the_beginning_belongs_to_it_and_the_end_does_not",
    ),
    Mistake(
        name="the shards of a day follow one another",
        module="couponbus.aws.ledger.history_index",
        right="yield from heapq.merge(*shards, key=_place_in)",
        wrong="yield from (each for shard in shards for each in shard)",
        caught_by="tests/contracts/test_history.py::test_events_of_the_same_moment_are_returned_once_each",
    ),
    Mistake(
        name="all events of a moment are in one shard",
        module="couponbus.aws.ledger.history_index",
        right="shard = zlib.crc32(key.encode()) % SHARDS",
        wrong="shard = zlib.crc32(place_of(at).encode()) % SHARDS",
        caught_by="tests/integration/aws/webhooks/test_event_log.py::test_events_of_one_moment_are_written_to_all_shards_alike",
    ),
    Mistake(
        name="programs are read eventually consistently",
        module="couponbus.aws.programs",
        right=("            ConsistentRead=True,\n"),
        wrong="",
        caught_by="tests/contracts/test_programs.py::test_a_program_replaces_the_one_of_its_name",
    ),
    Mistake(
        name="programs are read to the end of their first page",
        module="couponbus.aws.ledger.pages",
        right=('        if not page.get("LastEvaluatedKey"):\n            return\n'),
        wrong=("        return\n"),
        caught_by="tests/integration/aws/test_programs.py::test_programs_of_several_pages_are_all_read",
    ),
    Mistake(
        name="one's own change of a program is not seen",
        module="couponbus.aws.programs",
        right=(
            "        document = _DOCUMENT.dump_json(program).decode()\n        self._copy = None"
        ),
        wrong="        document = _DOCUMENT.dump_json(program).decode()",
        caught_by="tests/integration/aws/test_programs.py::test_ones_own_change_is_seen_at_once",
    ),
    Mistake(
        name="a removed program is seen for a while",
        module="couponbus.aws.programs",
        right=(
            '        self._copy = None\n        with ledger_call("programs"):\n            answer'
        ),
        wrong=('        with ledger_call("programs"):\n            answer'),
        caught_by="tests/integration/aws/test_programs.py::test_ones_own_change_is_seen_at_once",
    ),
    Mistake(
        name="old programs are in force for ever",
        module="couponbus.aws.programs",
        right="STALE_FACTOR = 10",
        wrong="STALE_FACTOR = 10_000",
        caught_by="tests/integration/aws/test_programs.py::test_a_silent_table_leaves_the_old_programs_in_force_for_a_while",
    ),
)
