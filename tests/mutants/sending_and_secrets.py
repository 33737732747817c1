"""Mistakes about queues, bus, secrets and how long rows are kept."""

from tests.mutants.planting import Mistake

MISTAKES = (
    Mistake(
        name="a refused message is taken for sent",
        module="couponbus.aws.queues",
        right='return sorted(int(failed["Id"]) for failed in answer.get("Failed", []))',
        wrong="return []",
        caught_by="tests/integration/aws/test_queues.py::test_only_what_was_refused_is_sent_again",
    ),
    Mistake(
        name="what was refused in the end is taken for sent",
        module="couponbus.aws.queues",
        right='        raise QueueUnavailable(text, code="send_message_batch:refused")',
        wrong="        return",
        caught_by="tests/integration/aws/test_queues.py::test_what_is_refused_for_ever_makes_the_queue_unavailable",
    ),
    Mistake(
        name="a message is measured in characters",
        module="couponbus.aws.queues",
        right="sizes = [len(body.encode()) for body in bodies]",
        wrong="sizes = [len(body) for body in bodies]",
        caught_by="tests/integration/aws/test_queues.py::test_what_a_call_holds_is_measured_in_bytes",
    ),
    Mistake(
        name="the delay is left out",
        module="couponbus.aws.queues",
        right='entry["DelaySeconds"] = way.delay',
        wrong='entry["DelaySeconds"] = 0',
        caught_by="tests/contracts/test_delivery_queue.py::test_sqs_keeps_back_what_is_not_for_now",
    ),
    Mistake(
        name="eleven entries make a call",
        module="couponbus.aws.batches",
        right="ENTRIES_PER_CALL = 10",
        wrong="ENTRIES_PER_CALL = 11",
        caught_by="tests/contracts/test_queues.py::test_every_command_arrives",
    ),
    Mistake(
        name="a call may be larger than the service allows",
        module="couponbus.aws.batches",
        right="size + sizes[place] > BYTES_PER_CALL",
        wrong="size > BYTES_PER_CALL",
        caught_by="tests/integration/aws/test_queues.py::test_no_call_is_larger_than_the_queue_allows",
    ),
    Mistake(
        name="a refused event is taken for published",
        module="couponbus.aws.event_bus",
        right='return [place for place, result in results if not result.get("ErrorCode")]',
        wrong="return [place for place, result in results]",
        caught_by="tests/integration/aws/test_event_bus.py::test_refused_entries_are_known_by_their_index",
    ),
    Mistake(
        name="an event is measured in characters",
        module="couponbus.aws.event_bus",
        right="sum(len(text.encode()) for text in texts)",
        wrong="sum(len(text) for text in texts)",
        caught_by="tests/integration/aws/test_event_bus.py::test_an_event_that_is_too_large_is_refused_and_the_others_are_not",
    ),
    Mistake(
        name="a silent bus is taken for one that has published",
        module="couponbus.aws.event_bus",
        right='            return BusUnavailable(f"put_events: {code}", code=f"put_events:{code}")',
        wrong="            return call.places",
        caught_by="tests/integration/aws/test_event_bus.py::test_a_call_without_an_answer_leaves_its_events_to_be_published_again",
    ),
    Mistake(
        name="an event that is too large is forgotten",
        module="couponbus.aws.event_bus",
        right="return [place for place in range(len(events)) if place not in published]",
        wrong="return [place for place in small if place not in published]",
        caught_by="tests/integration/aws/test_event_bus.py::test_an_event_that_is_too_large_is_refused_and_the_others_are_not",
    ),
    Mistake(
        name="a secret is kept for ever",
        module="couponbus.aws.secrets",
        right="if copy is not None and now < copy.fresh_until:",
        wrong="if copy is not None:",
        caught_by="tests/integration/aws/test_secrets.py::test_a_secret_is_read_once_in_five_minutes",
    ),
    Mistake(
        name="a known secret is not used while Secrets Manager is silent",
        module="couponbus.aws.secrets",
        right="if copy is None or now - copy.read_at >= STALE:",
        wrong="if True:",
        caught_by="tests/integration/aws/test_secrets.py::test_while_secrets_manager_is_silent_the_known_secret_is_used",
    ),
    Mistake(
        name="a known secret is used for ever while Secrets Manager is silent",
        module="couponbus.aws.secrets",
        right="if copy is None or now - copy.read_at >= STALE:",
        wrong="if copy is None:",
        caught_by="tests/integration/aws/test_secrets.py::test_while_secrets_manager_is_silent_the_known_secret_is_used",
    ),
    Mistake(
        name="an expired key signs",
        module="couponbus.aws.webhooks.signing_keys",
        right="if one.until is None or now < one.until",
        wrong="if True",
        caught_by="tests/integration/aws/webhooks/test_signing_keys.py::test_during_a_rotation_both_keys_hold_the_newest_first",
    ),
    Mistake(
        name="the secret of a new endpoint is looked for in the old copy",
        module="couponbus.aws.webhooks.signing_keys",
        right=("            self.secrets.refresh(self.secret_id)\n            keys"),
        wrong="            keys",
        caught_by="tests/integration/aws/webhooks/test_signing_keys.py::test_the_key_of_a_new_endpoint_is_found_although_a_copy_is_kept",
    ),
    Mistake(
        name="a rotated secret of a producer is not read anew",
        module="couponbus.aws.inbound.callback_secrets",
        right=("        self.secrets.refresh(self.secret_id)\n        return self.current()"),
        wrong="        return self.current()",
        caught_by="tests/integration/aws/inbound/test_callback_secrets.py::test_a_rotated_secret_is_known_as_soon_as_a_caller_uses_it",
    ),
    Mistake(
        name="a redemption is forgotten before its watch",
        module="couponbus.aws.ledger.retention",
        right="WATCHED = REDEEMED + timedelta(days=30)",
        wrong="WATCHED = REDEEMED - timedelta(days=30)",
        caught_by="tests/integration/aws/ledger/test_polling_rows.py::test_an_ended_watch_is_kept_longer_than_any_redemption_of_it",
    ),
    Mistake(
        name="a delivery goes before its event",
        module="couponbus.aws.ledger.retention",
        right="DELIVERED = PUBLISHED + timedelta(days=30)",
        wrong="DELIVERED = PUBLISHED - timedelta(days=30)",
        caught_by="tests/integration/aws/ledger/test_webhook_rows.py::test_a_delivery_stays_until_it_has_ended_and_then_longer_than_its_event",
    ),
    Mistake(
        name="a waiting resolution expires",
        module="couponbus.aws.ledger.retention",
        right=(
            "case Resolution(decided_at=datetime() as decided_at):\n"
            "            since, kept = decided_at, PUBLISHED"
        ),
        wrong=("case Resolution():\n            since, kept = row.signed_up_at, PUBLISHED"),
        caught_by="tests/integration/aws/ledger/test_codec.py::test_a_decided_resolution_expires_and_a_waiting_one_does_not",
    ),
    Mistake(
        name="an endpoint expires before it is removed",
        module="couponbus.aws.ledger.retention",
        right="case Endpoint(state=EndpointState.REMOVED, changed_at=datetime() as removed_at)",
        wrong="case Endpoint(changed_at=datetime() as removed_at)",
        caught_by="tests/integration/aws/ledger/test_webhook_rows.py::test_an_endpoint_stays_until_it_is_removed_and_then_longer_than_its_events",
    ),
)
