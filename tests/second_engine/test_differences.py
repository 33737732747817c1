"""Two engines made by different authors agree, but for what is listed with who is right."""

import tomllib
from pathlib import Path

import pytest

from couponbus_sandbox.engine.access import Access
from tests.integration.aws.cloud import a_cloud
from tests.second_engine.cloud import ENGINES, a_second_cloud
from tests.second_engine.questions import QUESTIONS, answer_of

KNOWN = tomllib.loads((Path(__file__).parent / "differences.toml").read_text())


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_engines_agree_but_for_what_is_listed(second: Access, question: str) -> None:
    with a_cloud() as cloud:
        of_moto = answer_of(cloud, question)
    with a_second_cloud(second) as cloud:
        of_second = answer_of(cloud, question)

    found = None if of_moto == of_second else [of_moto, of_second]
    listed = KNOWN.get(question)
    assert found == (listed and [listed[engine] for engine in ENGINES]), (
        f"{question}: list it in differences.toml with who is right, or take it off the list"
    )


def test_each_listed_difference_says_who_is_right_and_why() -> None:
    assert KNOWN.keys() <= QUESTIONS.keys()
    assert all(each["right"] in ENGINES and each["why"] for each in KNOWN.values())
