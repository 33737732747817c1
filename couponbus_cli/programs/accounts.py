"""Check that a stage has the accounts that programs name, and those that it had before."""

from collections.abc import Collection, Iterator, Sequence

from couponbus.domain.issuing.program import Program
from couponbus.domain.provider import Provider
from couponbus_cli.app.failing import Failed
from couponbus_cli.app.world import World

CONIQ = "coniq"


def require_accounts(
    wanted: Sequence[Program], world: World, *, gone: Collection[str]
) -> Sequence[str]:
    """Return the accounts that programs may use, each as `provider/id`.

    Raises Failed when a program names an account that the stage was not deployed with, or when
    one that it had is no longer deployed and not listed in `gone`.
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


def require_no_other_name(
    wanted: Sequence[Program], world: World, *, gone: Collection[str]
) -> None:
    """Raise Failed when programs name a new account and no longer name one that was seen.

    For programs that are applied before a deployment: the new account may be the old one, renamed.
    """
    named, seen = set(named_accounts(wanted)), world.seen_accounts.all()
    providers = {_provider_of(account) for account in named - seen}
    missing = [each for each in seen - named - set(gone) if _provider_of(each) in providers]
    _refuse(missing, was=f"{world.stage} was deployed with it, and no program of the file names it")


def named_accounts(programs: Sequence[Program]) -> Iterator[str]:
    """Yield the accounts that programs name, each as `provider/name`."""
    for program in programs:
        if program.issues:
            yield f"{CONIQ}/{program.account}"
        for rule in program.watches:
            yield f"{rule.provider}/{rule.account}"


def _provider_of(account: str) -> str:
    return account.partition("/")[0]


def _deployed(programs: Sequence[Program], world: World) -> set[str]:
    """Return the deployed accounts of the providers that programs use."""
    found: set[str] = set()
    if any(program.issues for program in programs):
        found |= {f"{CONIQ}/{account}" for account in world.deployment.accounts()}
    if any(program.watches for program in programs):
        found |= {f"{each.provider}/{each.name}" for each in world.deployment.polled()}
    return found


def _require_seen(deployed: Collection[str], world: World, *, gone: Collection[str]) -> None:
    """Raise Failed when an account that was seen is not deployed: it may have a new name."""
    providers = {_provider_of(account) for account in deployed}
    seen = {each for each in world.seen_accounts.all() if _provider_of(each) in providers}
    missing = seen - set(deployed) - set(gone)
    _refuse(missing, was=f"{world.stage} was deployed with it, and is not any more")


def _refuse(accounts: Collection[str], *, was: str) -> None:
    """Raise Failed if there are any."""
    if not accounts:
        return
    missing = sorted(accounts)
    name = missing[0].partition("/")[2]
    text = (
        f"{', '.join(missing)}: {was}. What was issued and watched there is stored under this id;"
        " under another one the same customers would get another barcode. If the account has a"
        f" new name, give it id={name!r} in couponbus.yaml and deploy; if it is not in use any"
        f" more, add --account-gone {missing[0]}"
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
    rules = [(program.name, rule) for program in wanted for rule in program.watches]
    for provider in Provider:
        named = dict.fromkeys(
            f"{name} watches {rule.account}"
            for name, rule in rules
            if rule.provider is provider and f"{provider}/{rule.account}" not in deployed
        )
        if named:
            known = _listed(provider, deployed)
            yield f"{'; '.join(named)}. Of {provider}, {world.stage} is deployed with {known}."


def _listed(provider: str, deployed: Collection[str]) -> str:
    names = [
        account.partition("/")[2] for account in deployed if account.startswith(f"{provider}/")
    ]
    return ", ".join(sorted(names)) or "none"
