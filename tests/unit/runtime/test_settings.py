"""Settings of a function that are a file beside its code."""

from pathlib import Path

import pytest

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.runtime.settings import FILE, FunctionSettings


def read_from(folder: Path, **variables: str) -> FunctionSettings:
    return FunctionSettings.read({"LAMBDA_TASK_ROOT": str(folder), **variables})


def test_a_variable_goes_before_the_file(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"STAGE": "of-the-file", "TABLE_NAME": "of-the-file"}')

    settings = read_from(tmp_path, STAGE="of-the-environment")

    assert (settings.stage, settings.table_name) == ("of-the-environment", "of-the-file")


@pytest.mark.parametrize("content", ["", "{", "[]", '"4711"', "\xff4711"])
def test_a_file_that_cannot_be_read_is_named_but_not_shown(content: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(content.encode("latin-1"))

    with pytest.raises(ConfigurationInvalid, match=FILE) as refused:
        read_from(tmp_path, STAGE="any", TABLE_NAME="any")

    assert "4711" not in str(refused.value)
