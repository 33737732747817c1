"""What a part of the demo shows at its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.table import Table

from couponbus_sandbox.demo.checks import Check, checked
from couponbus_sandbox.demo.facts import Facts
from couponbus_sandbox.demo.table import figures
from couponbus_sandbox.demo.webhook_checks import webhooks_checked
from couponbus_sandbox.demo.webhook_facts import WebhookFacts
from couponbus_sandbox.demo.webhook_table import webhook_figures
from couponbus_sandbox.demo.week_checks import week_checked
from couponbus_sandbox.demo.week_facts import WeekFacts
from couponbus_sandbox.demo.week_table import week_figures


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Its table and promises; `unusual_logs` are to be read when a promise was broken."""

    figures: Table
    checks: Sequence[Check]
    unusual_logs: Sequence[str]

    @property
    def broken(self) -> list[str]:
        """The promises that were not kept."""
        return [check.promise for check in self.checks if check.broken]


def of_issuing(facts: Facts, *, phases: Mapping[str, float]) -> Part:
    """Return the first part: from sign-ups to barcodes."""
    return Part(
        figures=figures(facts, phases=phases),
        checks=checked(facts),
        unusual_logs=facts.unusual_logs,
    )


def of_the_week(facts: WeekFacts, *, phases: Mapping[str, float]) -> Part:
    """Return the second part: a week of redemptions."""
    return Part(
        figures=week_figures(facts, phases=phases),
        checks=week_checked(facts),
        unusual_logs=facts.unusual_logs,
    )


def of_the_webhooks(facts: WebhookFacts, *, phases: Mapping[str, float]) -> Part:
    """Return the third part: webhooks."""
    return Part(
        figures=webhook_figures(facts, phases=phases),
        checks=webhooks_checked(facts),
        unusual_logs=facts.unusual_logs,
    )
