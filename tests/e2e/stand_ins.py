"""`aws` and the CDK CLI as `docs/deploy.md` calls them, on the engine that the folder names.

After `make cdk` the CDK CLI is the real one, of which only the two questions are answered.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from botocore import xform_name

from couponbus_cli.app.stage import UP_FILE
from couponbus_sandbox.engine.access import ACCESS_KEY_ID, SECRET_ACCESS_KEY, Access
from couponbus_sandbox.engine.assembly import stacks_in_order
from couponbus_sandbox.engine.deploy import BOOTSTRAP_PARAMETER, BOOTSTRAP_VERSION, deploy
from couponbus_sandbox.engine.process import ROOT
from couponbus_sandbox.local.local_environment import local_environment
from infra.node import bundled_node

CDK = ".cdk/package/bin/cdk"
REAL = ROOT / CDK
GONE_SECONDS = 60.0


def aws(access: Access, arguments: Sequence[str]) -> None:
    """Call an operation with options that its service knows, as boto3 checks them."""
    service, operation, *rest = arguments
    client = access.session.client(service, **access.where)  # type: ignore[call-overload]
    method = operation.replace("-", "_")
    shape = client.meta.service_model.operation_model(
        client.meta.method_to_api_mapping[method]
    ).input_shape
    members = {xform_name(name, "-"): name for name in shape.members}
    parser = argparse.ArgumentParser(prog="aws", allow_abbrev=False)
    parser.add_argument("outfile", nargs="?", type=Path)
    for option in (*members, "query", "output"):
        parser.add_argument(f"--{option}", default=argparse.SUPPRESS)
    given = {
        name.replace("_", "-"): value
        for name, value in vars(parser.parse_intermixed_args(rest)).items()
    }
    outfile, query = given.pop("outfile"), given.pop("query", None)
    form = given.pop("output", "json")
    answer = getattr(client, method)(
        **{
            members[name]: read(value, kind=shape.members[members[name]].type_name)
            for name, value in given.items()
        }
    )
    if outfile:
        outfile.write_bytes(answer.pop("Payload").read())
    assert "FunctionError" not in answer
    assert not answer.get("FailedEntryCount")
    found = answer[query] if query else answer
    sys.stdout.write(f"{found if form == 'text' else json.dumps(found, default=str)}\n")


def read(value: str, *, kind: str) -> object:
    text = Path(value.removeprefix("file://")).read_text() if "file://" in value else value
    return json.loads(text) if kind in {"list", "structure", "map"} else text


def node(access: Access, arguments: Sequence[str]) -> None:
    """Bootstrap, deploy and destroy with the options of the CDK CLI that the page uses."""
    parser = argparse.ArgumentParser(prog="cdk", allow_abbrev=False)
    parser.add_argument("cli", choices=[CDK])
    parser.add_argument("word", choices=["bootstrap", "deploy", "destroy"])
    parser.add_argument("environment", nargs="?")
    parser.add_argument("--app", type=Path, required=True)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--require-approval", choices=["any-change"])
    given = parser.parse_intermixed_args(arguments)
    if REAL.exists():
        cdk(access, arguments)
    else:
        play(access, given)


def cdk(access: Access, arguments: Sequence[str]) -> None:
    """Run the pinned CLI in an environment that leads to the engine, and nowhere else."""
    answered = ["never" if each == "any-change" else each for each in arguments[1:]]
    if "destroy" in answered:
        answered.append("--force")
    subprocess.run(
        [str(bundled_node()), str(REAL), *answered],
        env=local_environment(
            AWS_ENDPOINT_URL=access.endpoint_url,
            AWS_REGION=access.region,
            AWS_ACCESS_KEY_ID=ACCESS_KEY_ID,
            AWS_SECRET_ACCESS_KEY=SECRET_ACCESS_KEY,
            NODE_EXTRA_CA_CERTS=str(access.ca_bundle),
        ),
        check=True,
    )


def play(access: Access, given: argparse.Namespace) -> None:
    if given.word == "bootstrap":
        account = access.sts().get_caller_identity()["Account"]
        assert given.environment == f"aws://{account}/{access.region}"
        access.ssm().put_parameter(
            Name=BOOTSTRAP_PARAMETER, Value=BOOTSTRAP_VERSION, Type="String", Overwrite=True
        )
        return
    assert given.all
    if given.word == "deploy":
        deploy(access=access, assembly=given.app)
    else:
        destroy(access, given.app)


def destroy(access: Access, assembly: Path) -> None:
    client = access.cloudformation()
    for stack in reversed(stacks_in_order(assembly)):
        client.delete_stack(StackName=stack.name)
        client.get_waiter("stack_delete_complete").wait(
            StackName=stack.name, WaiterConfig={"Delay": 1, "MaxAttempts": int(GONE_SECONDS)}
        )


PROGRAMS: Mapping[str, Callable[[Access, Sequence[str]], None]] = {"aws": aws, "node": node}


def written(folder: Path, *, root: Path) -> Path:
    """Write the programs into a folder for the PATH."""
    folder.mkdir()
    for name in PROGRAMS:
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nPYTHONPATH="{root}:{root}/layers/shared/python"'
            f' exec "{sys.executable}" -m tests.e2e.stand_ins {name} "$@"\n'
        )
        program.chmod(0o755)
    return folder


def main(program: str, *arguments: str) -> None:
    """Play a program, for as long as the folder has an engine."""
    reach = json.loads(UP_FILE.read_text())
    access = Access(
        endpoint_url=reach["endpoint_url"],
        region=reach["region"],
        ca_bundle=Path(reach["ca_bundle"]),
        log=Path(reach["ca_bundle"]),
        pid=0,
    )
    PROGRAMS[program](access, arguments)


if __name__ == "__main__":
    main(*sys.argv[1:])
