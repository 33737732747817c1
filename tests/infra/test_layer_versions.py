"""A change in a layer alone reaches every function (aws-cdk issue 19098)."""

from pathlib import Path

from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.project import FUNCTIONS, cdk_json, small_project, synthesised


def versions(assembly: Assembly) -> set[str]:
    return {each.id for each in assembly.of("AWS::Lambda::Version")}


def test_a_byte_changed_in_the_shared_layer_makes_a_new_version_of_every_function(
    dev: Assembly, tmp_path: Path
) -> None:
    changed = small_project(tmp_path / "changed")
    package = changed.shared_layer() / "python" / "couponbus" / "__init__.py"
    package.write_text("# something\n")

    after = synthesised(changed, tmp_path / "out")

    assert len(versions(after)) == len(FUNCTIONS)
    assert versions(after) & versions(dev) == set()


def test_versions_stay_when_nothing_changed(
    dev: Assembly, project: Sources, tmp_path: Path
) -> None:
    assert versions(synthesised(project, tmp_path / "again")) == versions(dev)


def test_the_flags_that_the_design_stands_on_are_set() -> None:
    flags = cdk_json()["context"]
    assert isinstance(flags, dict)

    # Without the first, a layer-only change deploys no new version.
    assert flags["@aws-cdk/aws-lambda:recognizeLayerVersion"] is True
    # Without the second, an encrypted target queue lets events of any account in.
    assert flags["@aws-cdk/aws-events:eventsTargetQueueSameAccount"] is True
