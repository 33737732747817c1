"""Every field that the page about the Code Query API names is modelled, and is read."""

import copy
import json
from dataclasses import fields

import pytest
import requests

from couponbus.providers.uniqodo.wire import WireAnswer, WireCodeOffer, WireError, WireRecord
from couponbus_sandbox.uniqodo import ONE_USE, UniqodoSettings, uniqodo_server
from tests.unit.providers.uniqodo import seed
from tests.unit.providers.uniqodo.answers import Json, read_answer

# Objects that only contain other objects have no field of their own.
HOLDERS = {"data", "data.redemption"}
MODELS: dict[str, type] = {
    seed.RECORDS: WireRecord,
    "data.offer": WireCodeOffer,
    "errors[]": WireError,
    "data.redemption": WireAnswer,
    "data": WireAnswer,
    "": WireAnswer,
}
# What a field without a value in the examples may hold.
SAMPLES: dict[str, object] = {
    "custom_params": "{}",
    "tags": ["ONLINE"],
    "terms": "None",
    "promotion_specific_error": "any",
    "code_expiry": "17-05-2019 23:59:59",
}


def named_paths(text: str) -> list[str]:
    examples = [path for answer in seed.answers(text) for path in seed.paths(answer)]
    return sorted({*examples, *seed.table_paths(text)})


def not_modelled(text: str) -> list[str]:
    missing = []
    for path in named_paths(text):
        holder, _, key = path.rpartition(".")
        known = {field.name for field in fields(MODELS[holder])}
        if path not in HOLDERS and key not in known:
            missing.append(path)
    return missing


def not_read(answer: Json) -> list[str]:
    """Return the paths whose value makes no difference to the parsed answer."""
    before = read_answer(answer)
    return [
        path for path in seed.paths(answer) if read_answer(_with_another(answer, path)) == before
    ]


def _with_another(answer: Json, path: str) -> Json:
    changed = copy.deepcopy(answer)
    *holders, key = path.replace("[]", ".0").split(".")
    place: object = changed
    for step in holders:
        place = place[int(step)] if isinstance(place, list) else place[step]  # type: ignore[index]
    assert isinstance(place, dict)
    if key == "id" and "redeemed_at" in place:
        place[key] = place[key] + 1  # without it the record is refused
    elif key == "data":
        place[key] = {}
    elif place[key]:
        del place[key]
    elif key in SAMPLES:
        place[key] = SAMPLES[key]
    else:
        place[key] = 7 if place[key] == 0 else {"id": 1} if place[key] is None else None
    return changed


def test_every_field_of_the_examples_and_of_the_table_is_modelled() -> None:
    assert len(named_paths(seed.page())) == 39
    assert not_modelled(seed.page()) == []


@pytest.mark.parametrize("number", [0, 1])
def test_every_field_of_the_examples_is_read(number: int) -> None:
    assert not_read(seed.answers(seed.page())[number]) == []


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        ('"terms": null', '"terms": null, "surprise": 1', "data.offer.surprise"),
        ('"tags": []', '"tags": [], "refunded_at": ""', f"{seed.RECORDS}.refunded_at"),
        ('"reference":', '"scope": 1, "reference":', "errors[].scope"),
        ("\ntags | ", "\nvoucher_id | x | 1 |\ntags | ", f"{seed.RECORDS}.voucher_id"),
    ],
)
def test_a_field_that_is_not_modelled_is_found(before: str, after: str, found: str) -> None:
    text = seed.COPY.read_text()
    assert before in text

    assert not_modelled(text.replace(before, after, 1)) == [found]


def test_a_field_that_is_modelled_but_not_read_is_found() -> None:
    answer = seed.answers(seed.page())[0]
    answer["surprise"] = 1

    assert not_read(answer) == ["surprise"]


def test_the_copy_says_what_the_page_says() -> None:
    copied = seed.COPY.read_text()

    assert len(seed.answers(copied)) == 2
    assert [path.name for path in seed.originals() if copied not in path.read_text()] == []


@pytest.mark.parametrize(("number", "user_id"), [(0, "ABC123"), (1, "unknown")])
def test_the_simulator_answers_byte_for_byte_as_the_page_does(number: int, user_id: str) -> None:
    example = seed.answers(seed.page())[number]

    with uniqodo_server(UniqodoSettings()) as sandbox:
        path = f"/publisher/test-key-not-real/query/user-redemption/{ONE_USE}"
        answer = requests.get(sandbox.url + path, params={"userId": user_id}, timeout=10)

    # The page breaks its lines somewhere; order, numbers and texts are the same.
    assert answer.content == json.dumps(example, separators=(",", ":")).encode()
    assert answer.status_code == 200
