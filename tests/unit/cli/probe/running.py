"""`couponbus probe` as from a shell, and its report as a test reads it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from typer.testing import CliRunner

from couponbus_cli.main import app

KEY = "test-key-not-real"
ENVIRONMENT = {
    "COUPONBUS_CONIQ_API_KEY": KEY,
    "COUPONBUS_UNIQODO_API_KEY": KEY,
    "COUPONBUS_KOUPON_IDENTIFIER": "test-identifier",
    "COUPONBUS_KOUPON_SECRET": "test-secret",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One finding."""

    verdict: str
    evidence: str
    change: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The command's output and exit code."""

    code: int
    calls: int
    cut_short: str | None
    findings: Mapping[str, Found]

    @property
    def differing(self) -> dict[str, str]:
        """The evidence of each finding that differs, by name."""
        return self._of("differs")

    @property
    def holding(self) -> dict[str, str]:
        """The evidence of each finding that holds, by name."""
        return self._of("holds")

    @property
    def unproven(self) -> dict[str, str]:
        """The reason of each finding that is unproven, by name."""
        return self._of("unproven")

    def _of(self, verdict: str) -> dict[str, str]:
        found = self.findings.items()
        return {name: one.evidence for name, one in found if one.verdict == verdict}


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str


def run(*arguments: str, environment: Mapping[str, str] | None = None, pace: str = "1000") -> Shell:
    """Run the command without waiting for slots."""
    given = ENVIRONMENT if environment is None else environment
    known = {**dict.fromkeys(ENVIRONMENT, ""), **given}
    result = CliRunner().invoke(app, ["probe", *arguments, "--pace", pace], env=known)
    return Shell(code=result.exit_code, out=result.stdout, err=result.stderr)


def probe(*arguments: str, environment: Mapping[str, str] | None = None) -> Report:
    """Run it with --json and read the report."""
    shell = run(*arguments, "--json", environment=environment)
    data = json.loads(shell.out)
    assert "findings" in data, shell.out
    findings = {
        one["name"]: Found(verdict=one["verdict"], evidence=one["evidence"], change=one["change"])
        for one in data["findings"]
    }
    assert len(findings) == len(data["findings"])
    return Report(
        code=shell.code, calls=data["calls"], cut_short=data["cut_short"], findings=findings
    )
