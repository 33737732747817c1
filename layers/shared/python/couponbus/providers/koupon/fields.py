"""Single fields of Koupon's responses in every known form; any other form is an error."""

import math
import re
from typing import Annotated

from pydantic import BeforeValidator, Field

_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?", re.ASCII)
_ID = re.compile(r"[^\x00-\x1f\x7f]{1,128}")
_LARGEST = 10**12
_FLAGS = {"true": True, "1": True, "false": False, "0": False}


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int | str) and (found := _FLAGS.get(str(value).lower())) is not None:
        return found
    raise ValueError("not a flag")


def _whole(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError("not a whole number")
    if not _WHOLE.fullmatch(str(value)):
        raise ValueError("not a whole number")
    return int(value)


def _decimal(value: object) -> float:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("not a number")
    if not math.isfinite(value) or abs(value) > _LARGEST:
        raise ValueError("not a number")
    return float(value)


def _id(value: object) -> str:
    # Some servers send a number and some a text of digits.
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not _ID.fullmatch(text) or not text.strip():
        raise ValueError("not an id")
    return text


def _offer_id(value: object) -> str:
    text = _id(value)
    if "," in text:
        raise ValueError("not an id: a list of such could not be asked for")
    return text


Flag = Annotated[bool, BeforeValidator(_flag)]
Whole = Annotated[int, BeforeValidator(_whole)]
Metric = Annotated[int, BeforeValidator(_whole), Field(ge=0)]
Distance = Annotated[float, BeforeValidator(_decimal), Field(ge=0)]
Latitude = Annotated[float, BeforeValidator(_decimal), Field(ge=-90, le=90)]
Longitude = Annotated[float, BeforeValidator(_decimal), Field(ge=-180, le=180)]
Text = Annotated[str, Field(strict=True)]
Id = Annotated[str, BeforeValidator(_id)]
OfferId = Annotated[str, BeforeValidator(_offer_id)]
