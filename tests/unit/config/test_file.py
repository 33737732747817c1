"""The file that describes an installation: each mistake has a line, a column and a sentence."""

import json
from typing import Any

import jsonschema
import pytest
import yaml

from couponbus_config import schema
from couponbus_config.changed_ids import changed_ids
from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import InstallationInvalid, installation_in, text_of
from couponbus_config.installation import Installation
from tests.infra.stages import SAMPLES

ALL = sorted(path.name for path in SAMPLES.glob("*.yaml"))
STAGE = """\
stages:
  dev:
    alarm_to: [ops@example.com]
    coniq:
      - name: main
        base_url: https://api-stage.coniq.com
"""


def of(text: str) -> Installation:
    return installation_in(text, file="couponbus.yaml")


def refused(text: str) -> str:
    with pytest.raises(InstallationInvalid) as raised:
        of(text)
    return str(raised.value)


def test_ids_that_differ_in_capitals_only_are_refused_where_the_second_stands() -> None:
    second = "      - {name: Main, base_url: https://api-stage.coniq.com}\n"

    assert refused(STAGE + second).startswith("couponbus.yaml:7:10: stages.dev.coniq[1].name: the")


def stage_with(setting: str) -> str:
    return f"{STAGE}    {setting}\n"


@pytest.mark.parametrize("name", ALL)
def test_each_sample_is_valid_and_as_its_schema_says(name: str) -> None:
    text = (SAMPLES / name).read_text()

    assert of(text).stages
    jsonschema.validate(yaml.safe_load(text), schema.schema())


def test_the_samples_are_a_shop_an_agency_and_this_machine() -> None:
    assert ALL == ["agency.yaml", "local.yaml", "shop.yaml"]
    assert {len(stage.accounts) for stage in of(text_of(SAMPLES / "agency.yaml")).stages} == {20}


def test_the_schema_is_as_it_is_generated() -> None:
    assert schema.SCHEMA.read_text() == schema.text(), "python -m couponbus_config.schema"


def test_the_schema_refuses_a_key_that_the_reader_refuses() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(yaml.safe_load(stage_with("alarm_too: []")), schema.schema())


def test_a_minimal_stage_has_the_defaults() -> None:
    found = of(STAGE)

    assert found.name == "couponbus"
    assert (found.stages[0].name, found.stages[0].accounts[0].identity) == ("dev", "main")
    assert found.stages[0].timing.settle == 600


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "1:1: needs stages under the name `stages`"),
        ("stages: [", "1:10: not YAML"),
        ("stages: {}", "1:1: stages: needs one stage or more"),
        (f"name: Big\n{STAGE}", "1:1: name: use a letter and up to 19 small letters and digits"),
        (f"name: a-b\n{STAGE}", "1:1: name: use a letter"),
        (f"stage: dev\n{STAGE}", "1:1: stage: unknown; did you mean stages?"),
        (STAGE.replace("dev:", "Dev:"), "2:3: stages.Dev: use 1 to 20 small letters"),
        ("stages:\n  dev: true", "2:3: stages.dev: a stage is an object"),
        (stage_with("name: dev"), "7:5: stages.dev.name: unknown; the name of a stage stands"),
        (stage_with("alarm_too: []"), "7:5: stages.dev.alarm_too: unknown; did you mean alarm_to?"),
        (f"{STAGE}  dev:\n    concurrency: 3", "7:3: stages.dev: given twice, first in line 2"),
        (stage_with("concurrency: many"), "7:5: stages.dev.concurrency: Input should be a valid"),
        (stage_with("concurrency: 1001"), "less than or equal to 1000, and this is 1001"),
        (stage_with("log_days: 15"), "7:5: stages.dev.log_days: Input should be 1, 3, 5"),
        (
            stage_with("timing: {settle: 10}"),
            "7:14: stages.dev.timing.settle: settle is 10",
        ),
        (stage_with("audit_at: '2:17'"), "7:5: stages.dev.audit_at: String should match pattern"),
        (stage_with("clock_file: x"), "only the stage local has a clock_file"),
        (STAGE.replace("https://", "http://"), "6:9: stages.dev.coniq[0].base_url: 'http://"),
        (
            STAGE.replace("api-stage", "api"),
            "6:9: stages.dev.coniq[0].base_url: https://api.coniq.com issues real barcodes",
        ),
        (STAGE.replace("ops@", ""), "3:16: stages.dev.alarm_to[0]: alarm_to has 'example.com'"),
        (
            f"{STAGE}      - name: main\n        base_url: https://api-stage.coniq.com",
            "7:9: stages.dev.coniq[1].name: two Coniq accounts have the id main",
        ),
        (
            stage_with("bus_producers: [{principal: x, source_prefixes: []}]"),
            "bus producer x has no source prefix",
        ),
        (stage_with("kms: alias/mine"), "7:5: stages.dev.kms: kms is 'alias/mine': use none"),
        (stage_with("warm_write_units: 1"), "warm_write_units is 1: use 4000 to 40000"),
    ],
)
def test_a_mistake_is_answered_with_its_place(text: str, sentence: str) -> None:
    assert sentence in refused(text)


def test_all_mistakes_are_answered_at_once_in_the_order_of_their_lines() -> None:
    found = refused(f"owner: x\n{stage_with('alarm_too: []')}  QA: {{}}\n").splitlines()

    assert [line.split(":")[1] for line in found] == sorted(line.split(":")[1] for line in found)
    assert len(found) >= 3


@pytest.mark.parametrize("value", [None, True, 7, "text", [], {}, {"a": 1}, [[]]])
def test_no_value_in_the_place_of_another_ends_with_anything_but_a_sentence(value: Any) -> None:
    whole = yaml.safe_load((SAMPLES / "shop.yaml").read_text())
    for setting in schema.schema()["$defs"]["StageConfig"]["properties"]:
        stages = {"dev": {**whole["stages"]["dev"], setting: value}}
        try:
            of(json.dumps({"stages": stages}))
        except InstallationInvalid as wrong:
            assert "stages.dev" in str(wrong)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"a" * (1024 * 1024 + 1)])
def test_what_is_no_text_or_too_much_is_refused(content: bytes, tmp_path: Any) -> None:
    file = tmp_path / "couponbus.yaml"
    file.write_bytes(content)

    with pytest.raises(ConfigurationError, match=r"not UTF-8|larger than"):
        text_of(file)


def test_an_account_keeps_its_id_from_one_version_of_the_file_to_the_next() -> None:
    before = of(STAGE)
    renamed = of(STAGE.replace("- name: main", "- name: uk\n        id: main"))
    other = of(STAGE.replace("- name: main", "- name: main\n        id: uk"))

    assert list(changed_ids(before, renamed)) == []
    (sentence,) = changed_ids(before, other)
    assert "had the id main and has uk now" in sentence
