"""Stacks say whose they are, and those that keep data cannot be deleted by one command."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.options import Tag
from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.project import synthesised
from tests.infra.stages import DEV


def stacks_of(assembly: Assembly) -> dict[str, dict[str, Any]]:
    artifacts = json.loads((assembly.folder / "manifest.json").read_text())["artifacts"]
    return {
        name: each["properties"]
        for name, each in artifacts.items()
        if each["type"] == "aws:cloudformation:stack"
    }


def test_only_stages_that_keep_their_data_are_protected(prod: Assembly, dev: Assembly) -> None:
    assert {each["terminationProtection"] for each in stacks_of(prod).values()} == {True}
    assert not any(each.get("terminationProtection") for each in stacks_of(dev).values())


def test_every_stack_has_the_tags_of_product_and_stage_and_those_of_the_stage(
    project: Sources, tmp_path: Path, prod: Assembly
) -> None:
    for each in stacks_of(prod).values():
        assert each["tags"] == {"product": "couponbus", "stage": "prod"}
    tagged = replace(DEV, tags=(Tag(key="cost-centre", value="42"),))
    for each in stacks_of(synthesised(project, tmp_path, stage=tagged)).values():
        assert each["tags"] == {"cost-centre": "42", "product": "couponbus", "stage": "dev"}


@pytest.mark.parametrize(
    "tags",
    [
        [("aws:owner", "me")],
        [("", "me")],
        [("team", "")],
        [("team", "a"), ("team", "b")],
        [("stage", "prod")],
        [(f"key{number}", "value") for number in range(41)],
    ],
)
def test_tags_that_aws_would_refuse_are_refused(tags: list[tuple[str, str]]) -> None:
    made = tuple(Tag(key=key, value=value) for key, value in tags)
    with pytest.raises(ConfigurationError, match="tag"):
        replace(DEV, tags=made)
