"""Decisions depend on their arguments only, which makes the simulation valid."""

import pytest

from tests.architecture import tree
from tests.architecture.purity import impurities, third_parties

DECIDING = [tree.COUPONBUS / "domain", tree.COUPONBUS / "usecases", tree.COUPONBUS / "ports"]


def test_domain_use_cases_and_ports_touch_nothing_but_their_arguments() -> None:
    modules = tree.python_files(*DECIDING)

    found = {tree.name(path): impurities(tree.text(path)) for path in modules}

    assert len(found) > len(DECIDING)
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_the_domain_is_the_standard_library_and_itself() -> None:
    modules = tree.python_files(tree.COUPONBUS / "domain")

    found = {
        tree.name(path): third_parties(tree.text(path), allowed="couponbus.domain")
        for path in modules
    }

    assert {name: imports for name, imports in found.items() if imports} == {}


@pytest.mark.parametrize(
    "source",
    [
        "import time",
        "import os.path",
        "from random import choice",
        "from uuid import uuid4",
        "import uuid\nkey = uuid.uuid4()",
        "from datetime import datetime\nnow = datetime.now()",
        "import datetime\nnow = datetime.datetime.now()",
        "from datetime import date\nday = date.today()",
        "import requests",
        "from urllib.request import urlopen",
        "import urllib",
        "from boto3.session import Session",
        "import threading",
        "print('here')",
        "def late():\n    import socket",
    ],
)
def test_the_check_finds(source: str) -> None:
    assert impurities(source)


@pytest.mark.parametrize(
    "source",
    [
        "from uuid import UUID, uuid5\nkey = uuid5(UUID(int=1), 'name')",
        "from datetime import UTC, datetime\nthen = datetime.fromtimestamp(0, UTC)",
        "def decide(*, clock):\n    return clock.now()",
        "import urllib.parse\nfrom urllib.parse import parse_qsl",
        "class Case:\n    def run(self):\n        return self.clock.now()",
    ],
)
def test_the_check_lets_pass(source: str) -> None:
    assert impurities(source) == []


def test_a_third_party_in_the_domain_is_found() -> None:
    source = "import json\nimport pydantic\nfrom couponbus.events import base"

    assert third_parties(source, allowed="couponbus.domain") == [
        "pydantic",
        "couponbus.events.base",
    ]
