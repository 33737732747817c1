"""An account may be renamed; the id under which its rows are stored stays."""

from dataclasses import replace
from pathlib import Path

import pytest

from couponbus_config.accounts import ConiqAccount, KouponAccount, UniqodoAccount
from couponbus_config.configuration_error import ConfigurationError
from infra.sources import Sources
from tests.infra.assembly import Assembly
from tests.infra.project import synthesised
from tests.infra.stages import STAGES

DEV = STAGES["dev"]


def account(name: str, *, id: str | None = None) -> ConiqAccount:
    return ConiqAccount(name=name, id=id, base_url="https://api.coniq.example")


def test_a_new_name_changes_nothing_that_is_deployed(
    dev: Assembly, project: Sources, tmp_path: Path
) -> None:
    renamed = replace(
        DEV,
        accounts=tuple(replace(each, name="uk", id="main") for each in DEV.accounts),
        uniqodo_accounts=tuple(
            replace(each, name="uk", id="main") for each in DEV.uniqodo_accounts
        ),
        koupon_accounts=tuple(replace(each, name="uk", id="main") for each in DEV.koupon_accounts),
    )
    stage = renamed

    assert synthesised(project, tmp_path, stage=stage).templates == dev.templates


def test_accounts_that_differ_are_taken() -> None:
    stage = replace(DEV, accounts=(account("uk", id="main"), account("no"), account("se", id="s1")))

    assert [each.identity for each in stage.accounts] == ["main", "no", "s1"]


@pytest.mark.parametrize(
    ("accounts", "said"),
    [
        ((account("uk"), account("uk")), "two Coniq accounts have the id uk"),
        ((account("uk", id="main"), account("main")), "two Coniq accounts have the id main"),
        (
            (account("no", id="main"), account("uk", id="no")),
            "the Coniq account main has the name no, which is the id of another one",
        ),
        ((account("uk"), account("UK")), "the ids uk and UK of two Coniq accounts differ in cap"),
        ((account("uk", id=""),), "the id '' of a Coniq account has other characters"),
        ((account("u/k"),), "the id 'u/k' of a Coniq account has other characters"),
    ],
)
def test_ambiguous_accounts_stop_the_synthesis(
    accounts: tuple[ConiqAccount, ...], said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said.replace("?", ".")):
        replace(DEV, accounts=accounts)


def test_the_polled_accounts_are_checked_as_well() -> None:
    uniqodo = UniqodoAccount(name="uk", base_url="https://api.uniqodo.example")
    koupon = KouponAccount(name="uk", base_url="https://consumer.koupon.example")

    with pytest.raises(ConfigurationError, match="two Uniqodo accounts"):
        replace(DEV, uniqodo_accounts=(uniqodo, uniqodo))
    with pytest.raises(ConfigurationError, match="two Koupon accounts"):
        replace(DEV, koupon_accounts=(koupon, koupon))
