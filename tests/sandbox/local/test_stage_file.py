"""The stage `local` of a file of the user's, at the simulators of this machine."""

from pathlib import Path

import pytest

from couponbus_config.configuration_error import ConfigurationError
from couponbus_config.file import read_installation
from couponbus_sandbox.local.stage_file import SHIPPED, described, write_stage_file

URLS = {
    "coniq": "http://127.0.0.1:1",
    "uniqodo": "http://127.0.0.1:2",
    "koupon": "http://127.0.0.1:3",
}
OWN = """
name: acme
stages:
  local:
    coniq: [{name: uk}, {name: fr, calls_per_second: 9}]
    uniqodo: [{name: uk}]
    timing: {settle: 50, post: 7}
"""


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.yaml"
    file.write_text(OWN)
    return file


def test_the_accounts_are_the_users_and_the_urls_the_simulators(own: Path, tmp_path: Path) -> None:
    overrides = {"timing": {"settle": 5}, "calls_per_second": 500, "monitoring": ["alarms"]}

    file = write_stage_file(tmp_path, source=own, urls=URLS, overrides=overrides)

    installation = read_installation(file)
    stage = installation.stage("local")
    assert installation.name == "acme"
    assert {each.name: each.base_url for each in stage.accounts} == dict.fromkeys(
        ("uk", "fr"), URLS["coniq"]
    )
    assert {each.calls_per_second for each in stage.accounts} == {500}
    assert [each.base_url for each in stage.uniqodo_accounts] == [URLS["uniqodo"]]
    assert stage.koupon_accounts == ()
    assert (stage.timing.settle, stage.timing.post, stage.monitoring) == (5, 7, ("alarms",))


def test_the_file_of_this_folder_is_used_if_it_has_the_stage(
    own: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    nowhere = described(None)
    (tmp_path / "couponbus.yaml").write_text(OWN)
    here = described(None)
    (tmp_path / "couponbus.yaml").write_text((SHIPPED.parent / "shop.yaml").read_text())
    without = described(None)

    assert (nowhere, here, without) == (SHIPPED, Path("couponbus.yaml"), SHIPPED)
    assert described(own) == own


def test_a_file_with_a_mistake_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(OWN.replace("coniq:", "coniqs:"))

    with pytest.raises(ConfigurationError, match=r"own\.yaml:5:5: stages\.local\.coniqs: unknown"):
        described(file)
