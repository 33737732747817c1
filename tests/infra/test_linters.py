"""cfn-lint finds nothing, and cdk-nag what infra/README.md acknowledges with its reason."""

from pathlib import Path

from infra.sources import Sources
from tests.infra import nag
from tests.infra.assembly import Assembly
from tests.infra.cfn_lint import lint
from tests.infra.project import app_of
from tests.infra.stages import PROD

MOST_KINDS = 8


def test_cfn_lint_finds_nothing(dev: Assembly, local: Assembly) -> None:
    templates = [
        *dev.folder.glob("*.template.json"),
        *local.folder.glob("*-messaging.template.json"),
    ]

    assert [finding for template in templates for finding in lint(template)] == []
    assert len(templates) == 6


def test_a_stage_without_options_has_what_is_acknowledged_and_what_options_satisfy(
    project: Sources, tmp_path: Path
) -> None:
    app = app_of(project, tmp_path, stage=PROD)

    found = nag.synthesised_and_checked(app, outdir=tmp_path, base="couponbus-prod")

    assert found == nag.expected(set())


def test_at_most_eight_kinds_are_acknowledged() -> None:
    kinds = nag.acknowledged()
    rules = [rule for of_kind in kinds.values() for rule in of_kind]

    assert len(kinds) <= MOST_KINDS
    assert len(set(rules)) == len(rules)
    assert set(nag.WHERE) == {*rules, *nag.satisfied_by()}
    # Two names for one kind are those of two packs.
    packs = [[rule.partition("-")[0] for rule in of_kind] for of_kind in kinds.values()]
    assert all(len(set(names)) == len(names) for names in packs)
