"""A queue loses nothing while messages arrive, are settled and die at the same time."""

import threading

from tests.e2e.engine.laboratory import Laboratory, arn, function, mapping, queue, ref, role

FAIL_EVERY_TENTH = """
    def handler(event, context):
        failed = [r for r in event["Records"] if int(r["body"]) % 10 == 0]
        return {"batchItemFailures": [{"itemIdentifier": r["messageId"]} for r in failed]}
"""
SENDERS = 4
EACH = 250


def test_every_message_is_settled_or_in_the_dead_letters_when_four_senders_press(
    laboratory: Laboratory,
) -> None:
    stack = laboratory.deploy(
        {
            "Dead": queue(),
            "In": queue(
                VisibilityTimeout=5,
                RedrivePolicy={"deadLetterTargetArn": arn("Dead"), "maxReceiveCount": 1},
            ),
            "Role": role(),
            "Fail": function(FAIL_EVERY_TENTH, its_role="Role", Timeout=1),
            "Mapping": mapping(
                source=arn("In"),
                target=ref("Fail"),
                BatchSize=10,
                FunctionResponseTypes=["ReportBatchItemFailures"],
            ),
        }
    )
    source, dead = laboratory.physical(stack, "In"), laboratory.physical(stack, "Dead")

    def send(first: int) -> None:
        laboratory.send(source, [str(number) for number in range(first, first + EACH)])

    senders = [threading.Thread(target=send, args=(n * EACH,)) for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()

    expected = {str(number) for number in range(0, SENDERS * EACH, 10)}
    found = laboratory.take_all(dead, count=len(expected), seconds=40)
    assert sorted(found) == sorted(expected)
