"""Whether a stage is deployed with the accounts that programs name."""

from collections.abc import Iterator, Sequence

from cli.failing import Failed
from cli.world import World
from couponbus.domain.program import Program
from couponbus.domain.provider import Provider


def require_accounts(wanted: Sequence[Program], world: World) -> None:
    """Raise Failed when a program names an account that the stage was not deployed with."""
    unknown = [*_unknown_issuers(wanted, world), *_unknown_watched(wanted, world)]
    if not unknown:
        return
    text = (
        f"unknown account: {' '.join(unknown)}"
        " Deploy the account first, or use --allow-unknown-account"
    )
    raise Failed(text, kind="unknown_account")


def _unknown_issuers(wanted: Sequence[Program], world: World) -> Iterator[str]:
    issuing = [program for program in wanted if program.issues]
    if not issuing:
        return
    deployed = world.deployment.accounts()
    unknown = [program for program in issuing if program.account not in deployed]
    if unknown:
        named = "; ".join(f"{program.name} names {program.account}" for program in unknown)
        yield f"{named}. {world.stage} is deployed with {_listed(deployed)}."


def _unknown_watched(wanted: Sequence[Program], world: World) -> Iterator[str]:
    orders = [(program.name, order) for program in wanted for order in program.watches]
    if not orders:
        return
    deployed = {(account.provider, account.name) for account in world.deployment.polled()}
    for provider in Provider:
        named = dict.fromkeys(
            f"{name} watches {order.account}"
            for name, order in orders
            if order.provider is provider and (provider, order.account) not in deployed
        )
        if named:
            known = _listed({name for of, name in deployed if of is provider})
            yield f"{'; '.join(named)}. Of {provider}, {world.stage} is deployed with {known}."


def _listed(names: set[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names)) or "none"
