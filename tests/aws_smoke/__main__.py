"""`make aws-smoke`: deploy an ephemeral stage, ask what no engine shows, print a table, destroy.

On AWS it needs `--account`, so that it never runs in another one by accident. With `--local` it
runs on the local engine, and says which facts that cannot know. It ends with 1 where a fact is
refuted, could not be asked, or where something could not be deleted.
"""

import argparse
import contextlib
import os
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from couponbus_cli.app.aws_settings import caller_session
from couponbus_config.file import STAGE
from couponbus_config.names import LOCAL
from couponbus_sandbox.engine.process import EngineFailed
from couponbus_sandbox.engine.stacks import StackFailed
from couponbus_sandbox.local.stopping import stoppable
from couponbus_sandbox.local.synthesis import SynthesisFailed
from tests.aws_smoke.answers import Answer, Place, answers, as_json, show
from tests.aws_smoke.beside import NotDeployed
from tests.aws_smoke.cloud import Account, Cloud
from tests.aws_smoke.engine_stage import EngineStage
from tests.aws_smoke.fact import Fact
from tests.aws_smoke.facts import FACTS

USAGE, FAILED, STOPPED = 2, 1, 130
FAILURES = (NotDeployed, StackFailed, SynthesisFailed, EngineFailed, ClientError, BotoCoreError)


class Refused(Exception):
    """Nothing was begun; the message says why."""


class Stage(Protocol):
    """Where the facts are asked."""

    @property
    def parts(self) -> Sequence[str]: ...
    def plan(self) -> str: ...
    def is_taken(self) -> bool: ...
    def deploy(self) -> Cloud: ...
    def destroy(self) -> Sequence[str]: ...


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.aws_smoke", description=__doc__)
    parser.add_argument("--name", default="", help="the stage, of which nothing is kept")
    parser.add_argument("--account", default="", help="the twelve digits of the account at AWS")
    parser.add_argument("--local", action="store_true", help="on the local engine")
    parser.add_argument("--keep", action="store_true", help="leave it deployed, to look at it")
    parser.add_argument("--json", action="store_true", help="the answers as JSON")
    given = parser.parse_args(arguments)
    try:
        with stoppable(), _stage(given) as stage:
            return run(stage, facts=FACTS, given=given, out=sys.stdout)
    except Refused as refused:
        sys.stderr.write(f"{refused}\n")
        return USAGE
    except FAILURES as failed:
        sys.stderr.write(f"nothing was begun: {failed}\n")
        return FAILED
    except KeyboardInterrupt:
        return STOPPED


def run(
    stage: Stage, *, facts: Sequence[Fact[Any]], given: argparse.Namespace, out: IO[str]
) -> int:
    """Deploy, ask, print and destroy; return the exit code. Raise Refused."""
    place: Place = "engine" if given.local else "aws"
    if stage.is_taken():
        raise Refused(
            f"there is a stage {given.name} of this installation already, or a part of it: use"
            f" another name, or delete it first:\n{_deletion(stage.parts)}"
        )
    sys.stderr.write(stage.plan())
    try:
        cloud = stage.deploy()
        found = _in_order(facts, answers(facts, cloud, place=place))
    except FAILURES as failed:
        sys.stderr.write(f"not deployed: {failed}\n")
        return FAILED
    finally:
        left = () if given.keep else stage.destroy()
        if left:
            sys.stderr.write(f"may still be there, and cost money:\n{_deletion(left)}")
        if given.keep:
            sys.stderr.write(
                f"kept, and costs money until it is deleted:\n{_deletion(stage.parts)}"
            )
    if given.json:
        out.write(as_json(found) + "\n")
    else:
        show(found, file=out, width=min(80, shutil.get_terminal_size().columns))
    return FAILED if left or any(each.is_bad for each in found) else 0


def _in_order(facts: Sequence[Fact[Any]], coming: Iterator[Answer]) -> Sequence[Answer]:
    """Say each answer when it comes, and return them in the order of the facts."""
    found: dict[str, Answer] = {}
    for each in coming:
        sys.stderr.write(f"{each.word:>10}  {each.name}\n")
        found[each.name] = each
    return [found[fact.name] for fact in facts]


def _deletion(stacks: Sequence[str]) -> str:
    """Return the commands, in their order: a stack may use what the next one has."""
    command = "aws cloudformation {} --stack-name {}"
    both = ("delete-stack", "wait stack-delete-complete")
    lines = (" && ".join(command.format(each, name) for each in both) for name in stacks)
    return "".join(f"  {line}\n" for line in lines)


@contextlib.contextmanager
def _stage(given: argparse.Namespace) -> Iterator[Stage]:
    if not STAGE.fullmatch(given.name) or given.name == LOCAL:
        raise Refused(
            "name the stage: make aws-smoke NAME=try ACCOUNT=123456789012; 1 to 20 small letters,"
            f" digits and hyphens, and not {LOCAL}"
        )
    if given.local:
        yield EngineStage()
        return
    account = _account(given)
    # It imports the CDK, which takes seconds.
    from tests.aws_smoke.aws_stage import CDK, AwsStage, cdk_tools  # noqa: PLC0415

    if not CDK.is_file():
        raise Refused("the CDK CLI is missing: run `make cdk`")
    with tempfile.TemporaryDirectory(prefix="couponbus-smoke-") as folder:
        yield AwsStage(
            name=given.name,
            access=account,
            tools=cdk_tools(CDK),
            folder=Path(folder),
            secret_path=secrets.token_hex(24),
            pause=3.0,
        )


def _account(given: argparse.Namespace) -> Account:
    if not re.fullmatch(r"\d{12}", given.account):
        raise Refused("name the account that pays: make aws-smoke NAME=try ACCOUNT=123456789012")
    region = caller_session(os.environ).region_name
    if not region:
        raise Refused("there is no region: set AWS_REGION")
    account = Account(endpoint_url="", region=region, ca_bundle=Path(), log=Path(), pid=0)
    return confirmed(account, account=given.account)


def confirmed(there: Account, *, account: str) -> Account:
    """Return the account if the credentials are of it. Raise Refused."""
    try:
        found = there.sts().get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as failed:
        raise Refused(f"AWS does not say whose credentials these are: {failed}") from None
    if found != account:
        raise Refused(f"these credentials are of account {found}, not of {account}")
    return there


if __name__ == "__main__":
    sys.exit(main())
