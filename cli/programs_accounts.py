"""Whether the accounts of a stage are those that programs name, and those that it had before."""

from collections.abc import Collection, Iterator, Sequence

from cli.failing import Failed
from cli.world import World
from couponbus.domain.program import Program
from couponbus.domain.provider import Provider

CONIQ = "coniq"


def require_accounts(
    wanted: Sequence[Program], world: World, *, gone: Collection[str]
) -> Sequence[str]:
    """Return the accounts that programs may make use of, each as `provider/id`.

    Raises Failed when a program names an account that the stage was not deployed with, or when
    one that it had is not deployed any more and not among those that are `gone`.
    """
    deployed = _deployed(wanted, world)
    unknown = [
        *_unknown_issuers(wanted, world, deployed),
        *_unknown_watched(wanted, world, deployed),
    ]
    if unknown:
        text = (
            f"unknown account: {' '.join(unknown)}"
            " Deploy the account first, or use --allow-unknown-account"
        )
        raise Failed(text, kind="unknown_account")
    _require_seen(deployed, world, gone=gone)
    return sorted(deployed)


def _deployed(programs: Sequence[Program], world: World) -> set[str]:
    """Return the accounts of those providers that programs have to do with."""
    found: set[str] = set()
    if any(program.issues for program in programs):
        found |= {f"{CONIQ}/{account}" for account in world.deployment.accounts()}
    if any(program.watches for program in programs):
        found |= {f"{each.provider}/{each.name}" for each in world.deployment.polled()}
    return found


def _require_seen(deployed: Collection[str], world: World, *, gone: Collection[str]) -> None:
    """Raise Failed when an account that was seen is not deployed: it may have a new name."""
    providers = {account.partition("/")[0] for account in deployed}
    seen = {each for each in world.seen_accounts.all() if each.partition("/")[0] in providers}
    missing = sorted(seen - set(deployed) - set(gone))
    if not missing:
        return
    was = missing[0].partition("/")[2]
    text = (
        f"{', '.join(missing)}: {world.stage} was deployed with it, and is not any more. What was"
        " issued and watched there is stored under this id; under another one the same customers"
        f" would get another barcode. If the account has a new name, give it id={was!r} in"
        " infra/config.py and deploy; if it is not in use any more, add"
        f" --account-gone {missing[0]}"
    )
    raise Failed(text, kind="account_missing", details=[{"account": each} for each in missing])


def _unknown_issuers(
    wanted: Sequence[Program], world: World, deployed: Collection[str]
) -> Iterator[str]:
    unknown = [
        program
        for program in wanted
        if program.issues and f"{CONIQ}/{program.account}" not in deployed
    ]
    if unknown:
        named = "; ".join(f"{program.name} names {program.account}" for program in unknown)
        yield f"{named}. {world.stage} is deployed with {_listed(CONIQ, deployed)}."


def _unknown_watched(
    wanted: Sequence[Program], world: World, deployed: Collection[str]
) -> Iterator[str]:
    orders = [(program.name, order) for program in wanted for order in program.watches]
    for provider in Provider:
        named = dict.fromkeys(
            f"{name} watches {order.account}"
            for name, order in orders
            if order.provider is provider and f"{provider}/{order.account}" not in deployed
        )
        if named:
            known = _listed(provider, deployed)
            yield f"{'; '.join(named)}. Of {provider}, {world.stage} is deployed with {known}."


def _listed(provider: str, deployed: Collection[str]) -> str:
    names = [
        account.partition("/")[2] for account in deployed if account.startswith(f"{provider}/")
    ]
    return ", ".join(sorted(names)) or "none"
