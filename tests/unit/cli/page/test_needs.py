"""Each command that a sentence names can be copied and run, at the stage that is shown."""

import pytest

from couponbus_cli.page.needs import need_of
from tests.unit.cli.page.seeing import COMMANDS

ID = "KZXW6YTBOI4GCZLSMFXGIZLE"


@pytest.mark.parametrize(
    ("text", "commands"),
    [
        ("all endpoints are gone", []),
        ("then couponbus redrive", ["couponbus redrive --stage prod"]),
        (
            "find the cause with couponbus probe coniq, then couponbus account resume main",
            ["couponbus probe coniq", "couponbus account resume main --stage prod"],
        ),
        (
            "couponbus endpoints resume shop when it works again, or remove shop",
            ["couponbus endpoints resume shop --stage prod"],
        ),
        (
            "fix it, then couponbus programs rematch --since 7d.",
            ["couponbus programs rematch --since 7d --stage prod"],
        ),
        (
            "couponbus watch resume --provider koupon --account main; the polls go on",
            ["couponbus watch resume --provider koupon --account main --stage prod"],
        ),
        (
            f"inspect with `couponbus why {ID}`, settle with"
            f" `couponbus resolve {ID} --reissue --reason TEXT`",
            [
                f"couponbus why {ID} --stage prod",
                f"couponbus resolve {ID} --reissue --reason TEXT --stage prod",
            ],
        ),
        (f"see couponbus why {ID} (couponbus why {ID})", [f"couponbus why {ID} --stage prod"]),
        (
            "couponbus status --counts reads the table",
            ["couponbus status --counts --stage prod"],
        ),
        (
            "inspect with couponbus why ID, settle with couponbus resolve ID --choose LAST4"
            f" --reason TEXT, or couponbus resolve ID --reissue --reason TEXT: {ID}, B, ...",
            [
                f"couponbus why {ID} --stage prod",
                f"couponbus resolve {ID} --choose LAST4 --reason TEXT --stage prod",
                f"couponbus resolve {ID} --reissue --reason TEXT --stage prod",
            ],
        ),
        (f"they prove nothing; see couponbus why: {ID}, B", [f"couponbus why {ID} --stage prod"]),
        ("with couponbus account resume", ["couponbus account resume NAME --stage prod"]),
        (
            "correct the programs with couponbus programs apply",
            ["couponbus programs apply FILE --stage prod"],
        ),
        (
            "no restore is under way, aws lambda update-event-source-mapping --enabled --uuid 7-a",
            ["aws lambda update-event-source-mapping --enabled --uuid 7-a"],
        ),
        (
            "polls are late; see aws logs tail /aws/lambda/couponbus-prod-sweep_due --since 1h",
            ["aws logs tail /aws/lambda/couponbus-prod-sweep_due --since 1h"],
        ),
        (
            "quarantine: 2 messages, then purge the queue: aws sqs purge-queue --queue-url"
            " https://sqs.eu-west-1.example/1/couponbus-prod-quarantine",
            [
                "aws sqs purge-queue --queue-url"
                " https://sqs.eu-west-1.example/1/couponbus-prod-quarantine"
            ],
        ),
        (
            "couponbus watch resume --provider $(id) --account main",
            ["couponbus watch resume --provider '$(id' --stage prod"],
        ),
        ("couponbus account resume a&b", ["couponbus account resume 'a&b' --stage prod"]),
        ("couponbus account", []),
        ("couponbus nonsense 7", []),
        ("couponbus", []),
    ],
)
def test_the_commands_of_a_sentence(text: str, commands: list[str]) -> None:
    need = need_of(text, root=COMMANDS, stage="prod")

    assert (need.text, list(need.commands)) == (text, commands)
