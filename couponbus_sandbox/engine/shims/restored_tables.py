"""A table that was restored says so in each description, not in the answer of the restore alone."""

from ministack.services import dynamodb

SUMMARY = "RestoreSummary"


def install() -> None:
    """Add the summary to each description of the table."""
    original = dynamodb._table_description

    def described(name: str) -> dict[str, object]:
        found: dict[str, object] = original(name)
        summary = dynamodb._tables[name].get(SUMMARY)
        return found if summary is None else {**found, SUMMARY: summary}

    dynamodb._table_description = described
