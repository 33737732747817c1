"""`make events` cannot change released contracts, and the gate compares with them."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from events import freeze, generate
from events.gate import refusals, unreleased
from events.released import freeze as keep
from events.released import released
from tests.architecture import tree

FOUND = generate.everything()
FILES = generate.generated(FOUND)
OFFER_ID = "    offer_id: int\n    channel: str"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of all contracts, frozen."""
    folder = Path(shutil.copytree(generate.HERE, tmp_path / "events"))
    keep(FILES, [contract.file for contract in FOUND], folder=folder)
    return folder


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder in which the commands run on classes that can be edited."""
    shutil.copytree(generate.HERE, tmp_path / "events")
    shutil.copytree(tree.COUPONBUS, tmp_path / "couponbus")
    shutil.copy(tree.ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def run(clone: Path, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=clone,
        env={"PYTHONPATH": str(clone), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def texts(folder: Path) -> Mapping[str, str]:
    return {str(path): path.read_text() for path in sorted(folder.rglob("*.json"))}


def complaints(folder: Path) -> list[str]:
    return [*refusals(FOUND, FILES, folder=folder)]


def test_nothing_that_was_released_is_broken() -> None:
    assert released(generate.HERE)
    assert complaints(generate.HERE) == []


def test_every_contract_of_the_first_release_is_kept() -> None:
    names = {file.removesuffix(".v1.json") for file in released(generate.HERE)}

    assert names >= {
        *("CustomerSignedUp", "BarcodeIssued", "BarcodeRefused", "BarcodeAmbiguous"),
        *("SignUpRejected", "RedemptionRecorded", "RedemptionUpdated", "RedemptionReversed"),
        *("OfferAvailable", "OfferEnded", "OfferStockLow", "BarcodeExpiring", "WatchEnded"),
        *("PollingBudgetExceeded", "ContinueWork", "PollSpans", "WatchCustomers", "EndWatches"),
        *("QuarantineLetter", "webhooks/BarcodeIssued", "webhooks/RedemptionRecorded"),
    }


def test_a_released_sample_is_what_consumers_find_beside_the_schema() -> None:
    for file, kept in released(generate.HERE).items():
        assert (generate.HERE / "samples" / file).read_text() == kept.sample


def test_a_breaking_change_of_a_class_fails_the_check_and_even_generating(clone: Path) -> None:
    edit(clone / "couponbus" / "events" / "barcodes.py", OFFER_ID, OFFER_ID.replace("int", "str"))
    before = texts(clone / "events" / "released")

    made, checked = run(clone, "events.generate"), run(clone, "events.generate", "--check")

    assert (made.returncode, checked.returncode) == (1, 1)
    assert checked.stderr.splitlines() == made.stderr.splitlines()
    assert checked.stderr.splitlines()[:2] == [
        "BarcodeIssued v1: `data.offer_id` was integer and is string; undo it, or make version 2"
        " beside it, a class BarcodeIssuedV2.",
        "BarcodeIssued v1: its class refuses its released sample (data.offer_id); undo it.",
    ]
    assert "BarcodeIssued v1 as a webhook: `data.offer_id`" in checked.stderr
    assert run(clone, "events.freeze").returncode == 1
    assert texts(clone / "events" / "released") == before


def test_an_optional_field_of_a_class_passes_once_it_is_generated(clone: Path) -> None:
    more = f"{OFFER_ID}\n    shop: str | None = None"
    edit(clone / "couponbus" / "events" / "barcodes.py", OFFER_ID, more)

    stale = run(clone, "events.generate", "--check")
    made, checked = run(clone, "events.generate"), run(clone, "events.generate", "--check")

    assert stale.returncode == 1
    assert "stale: events/schemas/BarcodeIssued.v1.json" in stale.stderr
    assert (made.returncode, checked.returncode, checked.stderr) == (0, 0, "")
    assert "not released yet: BarcodeIssued v1" in checked.stdout.splitlines()


def test_generating_writes_nothing_into_what_was_released(copy: Path) -> None:
    kept = copy / "released" / "schemas" / "BarcodeIssued.v1.json"
    edit(kept, '"offer_id"', '"other_id"')
    before = texts(copy / "released")

    assert generate.main([], folder=copy) == 1

    assert texts(copy / "released") == before


def test_a_contract_that_is_gone_is_missed(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for kind in ("schemas", "samples"):
        here = copy / "released" / kind
        shutil.copy(here / "BarcodeIssued.v1.json", here / "CardIssued.v1.json")

    assert generate.main(["--check"], folder=copy) == 1
    assert capsys.readouterr().err.splitlines() == [
        "CardIssued.v1.json: it was released and has no class; keep the class beside its successor."
    ]


def test_a_released_sample_cannot_be_edited(copy: Path) -> None:
    for name in ("BarcodeIssued", "EndWatches", "webhooks/WatchEnded"):
        kept = copy / "released" / "samples" / f"{name}.v1.json"
        kept.write_text(kept.read_text().replace("  ", " "))

    frozen = "its sample was released and is frozen; undo its new example."
    assert complaints(copy) == [
        f"BarcodeIssued v1: {frozen}",
        f"EndWatches v1: {frozen}",
        f"WatchEnded v1 as a webhook: {frozen}",
    ]


def test_a_sample_that_only_the_class_refuses_is_reported(copy: Path) -> None:
    kept = copy / "released" / "samples" / "CustomerSignedUp.v1.json"
    sample: dict[str, object] = json.loads(kept.read_text())
    kept.write_text(json.dumps({**sample, "occurred_at": 0}))

    found = complaints(copy)

    assert "CustomerSignedUp v1: its class refuses its released sample (occurred_at); undo it." in (
        found
    )
    assert (
        "CustomerSignedUp v1: its schema refuses its released sample (occurred_at); undo it."
        in (found)
    )


def test_freezing_again_changes_nothing(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = texts(copy / "released")

    assert freeze.main(folder=copy) == 0

    assert texts(copy / "released") == before
    assert capsys.readouterr().out == ""
    assert unreleased(FOUND, folder=copy) == []


def test_a_new_contract_is_added_by_freezing(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for kind in ("schemas", "samples"):
        (copy / "released" / kind / "EndpointDisabled.v1.json").unlink()
    assert unreleased(FOUND, folder=copy) == ["EndpointDisabled v1"]

    assert freeze.main(folder=copy) == 0

    assert capsys.readouterr().out.splitlines() == [
        "kept: events/released/schemas/EndpointDisabled.v1.json",
        "kept: events/released/samples/EndpointDisabled.v1.json",
    ]


def test_what_only_came_to_a_contract_is_kept_too_and_its_first_sample_stays(copy: Path) -> None:
    kept = copy / "released" / "schemas" / "CustomerSignedUp.v1.json"
    edit(kept, '"maxLength": 128', '"maxLength": 64')
    schema: dict[str, dict[str, dict[str, dict[str, object]]]] = json.loads(kept.read_text())
    del schema["$defs"]["Customer"]["properties"]["birth_date"]
    kept.write_text(json.dumps(schema))
    sample = (copy / "released" / "samples" / "CustomerSignedUp.v1.json").read_text()

    assert unreleased(FOUND, folder=copy) == ["CustomerSignedUp v1"]
    assert freeze.main(folder=copy) == 0

    assert kept.read_text() == (copy / "schemas" / "CustomerSignedUp.v1.json").read_text()
    assert (copy / "released" / "samples" / "CustomerSignedUp.v1.json").read_text() == sample


def test_what_is_stale_or_breaks_a_reader_is_not_frozen(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(copy / "released" / "schemas" / "BarcodeIssued.v1.json", '"offer_id"', '"other_id"')
    before = texts(copy / "released")

    assert freeze.main(folder=copy) == 1
    assert capsys.readouterr().err.splitlines()[-1] == "nothing was kept"
    (copy / "schemas" / "BarcodeIssued.v1.json").write_text("{}")
    assert freeze.main(folder=copy) == 1
    assert capsys.readouterr().err == "nothing was kept: run `make events` first\n"
    assert texts(copy / "released") == before


def test_a_sample_is_never_replaced(copy: Path) -> None:
    file = "BarcodeIssued.v1.json"
    sample = (copy / "released" / "samples" / file).read_text()

    assert keep({**FILES, f"samples/{file}": "{}"}, [file], folder=copy) == []
    assert (copy / "released" / "samples" / file).read_text() == sample
