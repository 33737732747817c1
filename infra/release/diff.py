"""Refuses a deployment that would harm what is deployed: `python -m infra.release.diff`."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

from infra.release.assembly import templates_of
from infra.release.released import harms, release_of

# A stack that was never created holds nothing that could be harmed, whatever its template says.
NEVER_DEPLOYED = ("REVIEW_IN_PROGRESS", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED")

type Template = Mapping[str, Any]
type Deployed = Callable[[str], Template | None]


def main(arguments: Sequence[str] | None = None, *, deployed: Deployed | None = None) -> int:
    """Compare what is deployed with the assembly; return 1 if that harms it, else 0."""
    parser = argparse.ArgumentParser(prog="infra.release.diff", description=__doc__)
    parser.add_argument("--assembly", type=Path, default=Path("cdk.out"))
    parser.add_argument(
        "--expected",
        action="append",
        default=[],
        metavar="STACK/LOGICAL_ID",
        help="harm to this one is meant, such as to the secret of an account that is taken out",
    )
    given = parser.parse_args(arguments)
    after = templates_of(given.assembly)
    ask = deployed or deployed_in(boto3.client("cloudformation"))
    before = {stack: template for stack in after if (template := ask(stack)) is not None}
    refused = [
        sentence
        for sentence in harms(release_of(before), release_of(after))
        if not sentence.startswith(tuple(f"{each} (" for each in given.expected))
    ]
    sys.stderr.writelines(f"{sentence}\n" for sentence in refused)
    sys.stdout.write(f"{len(before)} of {len(after)} stacks are deployed; {len(refused)} refused\n")
    return 1 if refused else 0


def deployed_in(stacks: Any) -> Deployed:
    """Return what finds the template of a deployed stack, and nothing where there is none."""

    def ask(stack: str) -> Template | None:
        try:
            status = stacks.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        if status in NEVER_DEPLOYED:
            return None
        body = stacks.get_template(StackName=stack)["TemplateBody"]
        template: Template = json.loads(body) if isinstance(body, str) else body
        return template

    return ask


if __name__ == "__main__":
    sys.exit(main())
