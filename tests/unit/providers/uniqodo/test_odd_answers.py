"""What is made of each odd answer that was ever reported of an API like Uniqodo's."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from couponbus.providers.uniqodo.reading import NoDataError, WrongFormError
from tests.unit.providers.uniqodo.answers import read_answer

ODD: Mapping[str, object] = json.loads(Path(__file__).with_name("odd_answers.json").read_text())
RECORD = "data.redemption.records[0]."
READ = ""
NO_DATA = "no data"

# Read without a doubt, an error, or the fields in doubt: what a doubt blocks is for domain/polling.
OUTCOMES: Mapping[str, str] = {
    "seed 1": READ,
    "seed 2": READ,
    "success, errors []": READ,
    "errors null": "errors",
    "errors {} (PHP)": "errors",
    "errors absent": "errors",
    "offer [] (PHP empty)": "data.offer",
    "data [] (PHP empty) + errors": "answer_without_data",
    "data null + errors": NO_DATA,
    "redemption [] (PHP empty)": "data.redemption",
    "records {} (PHP)": "data.redemption.records",
    "records keyed object (PHP gaps)": "data.redemption.records",
    "custom_params []": RECORD + "custom_params",
    "custom_params {} ": READ,
    "custom_params '[]'": RECORD + "custom_params",
    "custom_params ''": READ,
    "custom_params PHP serialised": RECORD + "custom_params",
    "tags {}": RECORD + "tags",
    "tags string": RECORD + "tags",
    "tags null": READ,
    "id string": READ,
    "id float": "record_without_id",
    "id negative": "record_without_id",
    "id 2**64": "record_without_id",
    "id null": "record_without_id",
    "order_value string": READ,
    "order_value comma": RECORD + "order_value",
    "order_value thousands": RECORD + "order_value",
    "order_value neg": READ,
    "order_value null": READ,
    "order_value £": RECORD + "order_value",
    "order_value 1e2": READ,
    "order_value 0.1+0.2": READ,
    "redeemed_at naive": READ,
    "redeemed_at Z": READ,
    "redeemed_at space": RECORD + "redeemed_at",
    "redeemed_at ms": READ,
    "redeemed_at 7 digits": RECORD + "redeemed_at",
    "redeemed_at +01": RECORD + "redeemed_at",
    "redeemed_at dmy": READ,
    "redeemed_at 0000": RECORD + "redeemed_at",
    "redeemed_at epoch": RECORD + "redeemed_at",
    "redeemed_at leap sec": RECORD + "redeemed_at",
    "redeemed_at 24:00": RECORD + "redeemed_at",
    "redeemed_at null": READ,
    "redeemed_at -0000": READ,
    "redeemed_at gap": READ,
    "redeemed_at overlap": READ,
    "currency lower": READ,
    "order_id int": READ,
    "order_id float": RECORD + "order_id",
    "end_date 0000": "data.offer.end_date",
    "end_date date only": "data.offer.end_date",
    "end_date null": READ,
    "end_date iso": READ,
    "end_date false": "data.offer.end_date",
    "code_remaining -1": "data.offer.code_remaining",
    "code_remaining 'unlimited'": "data.offer.code_remaining",
    "code_remaining null": READ,
    "redemption_per_code 0": READ,
    "total string": READ,
    "total > records (paged)": READ,
    "total absent": READ,
    "error code str": READ,
    "error is text": "errors[0], errors[0].code",
    "dup record": READ,
    "dup id other values": READ,
}


def outcome_of(answer: object) -> str:
    try:
        return ", ".join(read_answer(answer).doubts)
    except (NoDataError, WrongFormError) as error:
        return str(error)


def test_each_odd_answer_has_an_outcome() -> None:
    assert set(OUTCOMES) == set(ODD)


@pytest.mark.parametrize("name", OUTCOMES)
def test_an_odd_answer_is_read_in_doubt_or_refused_and_never_guessed(name: str) -> None:
    assert outcome_of(ODD[name]) == OUTCOMES[name]
