"""The report of the findings, as text and as JSON."""

from collections.abc import Sequence

from couponbus_cli.app.answer import Answer
from couponbus_cli.app.failing import ATTENTION, FINE, UNREACHABLE
from couponbus_cli.probe.findings import Finding, Verdict, verdicts

MARKS = {Verdict.HOLDS: "=", Verdict.DIFFERS: "!", Verdict.UNPROVEN: "?"}


def reported(
    provider: str, findings: Sequence[Finding], *, calls: int, cut_short: str | None
) -> Answer:
    """Return the report; the exit code is 3 if nothing differs but the probe was cut short."""
    counts = verdicts(findings)
    code = FINE if cut_short is None else UNREACHABLE
    if counts[Verdict.DIFFERS]:
        code = ATTENTION
    shown = [line for each in findings for line in _lines(each)]
    summary = ", ".join(f"{number} {verdict}" for verdict, number in counts.items())
    ending = [] if cut_short is None else [f"Cut short: {cut_short}."]
    data = {
        "provider": provider,
        "calls": calls,
        "cut_short": cut_short,
        "counts": counts,
        "findings": [_data(each) for each in findings],
    }
    return Answer(
        data=data, shown=[*shown, *ending, f"{provider}: {summary}; {calls} calls."], code=code
    )


def _lines(finding: Finding) -> list[str]:
    lines = [
        f"{MARKS[finding.verdict]} {finding.verdict:<8}  {finding.assumption}",
        f"            {finding.evidence}",
    ]
    if finding.change is not None:
        lines.append(f"            change: {finding.change}")
    return lines


def _data(finding: Finding) -> dict[str, object]:
    return {
        "name": finding.name,
        "verdict": finding.verdict.value,
        "assumption": finding.assumption,
        "evidence": finding.evidence,
        "change": finding.change,
    }
