"""Synthesises the role of a pipeline on GitHub: `python -m infra.release.pipeline OWNER/NAME`."""

import argparse
import sys
from collections.abc import Sequence

# Imported before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401

# isort: split
from aws_cdk import (
    App,
    CfnOutput,
    CliCredentialsStackSynthesizer,
    DefaultStackSynthesizer,
    Duration,
    Stack,
)
from aws_cdk import aws_iam as iam
from constructs import Construct

HOST = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
ROLES = ("deploy", "file-publishing", "lookup")
QUALIFIER = DefaultStackSynthesizer.DEFAULT_QUALIFIER
# Outside of every installation's names, or the role that deploys a stage could change this one.
NAME = "cdk-pipeline-couponbus"
SESSION_HOURS = 3
LONGEST = 64 - len(f"{NAME}--ap-southeast-2")


class Pipeline(Stack):
    """A role that one environment of one repository takes, and that may take those of the CDK."""

    def __init__(
        self, scope: Construct, id_: str, *, repository: str, environment: str, qualifier: str
    ) -> None:
        super().__init__(
            scope,
            id_,
            stack_name=id_,
            termination_protection=True,
            # With the administrator's credentials: no role of the bootstrap may write this one.
            synthesizer=CliCredentialsStackSynthesizer(qualifier=qualifier),
        )
        provider = f"arn:{self.partition}:iam::{self.account}:oidc-provider/{HOST}"
        role = iam.Role(
            self,
            "Role",
            # Five stacks, each watched for ten minutes, one of them perhaps shifted for ten.
            max_session_duration=Duration.hours(SESSION_HOURS),
            # The names of roles are an account's, not a region's.
            role_name=f"{id_}-{self.region}",
            assumed_by=iam.WebIdentityPrincipal(
                provider,
                {
                    "StringEquals": {
                        f"{HOST}:aud": AUDIENCE,
                        f"{HOST}:sub": f"repo:{repository}:environment:{environment}",
                    }
                },
            ),
        )
        prefix = f"arn:{self.partition}:iam::{self.account}:role/cdk-{qualifier}"
        iam.ManagedPolicy(
            self,
            "Policy",
            roles=[role],
            statements=[
                iam.PolicyStatement(
                    actions=["sts:AssumeRole"],
                    resources=[
                        f"{prefix}-{each}-role-{self.account}-{self.region}" for each in ROLES
                    ],
                )
            ],
        )
        CfnOutput(self, "RoleArn", value=role.role_arn)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the assembly; the provider of GitHub's tokens, one in an account, must be there."""
    parser = argparse.ArgumentParser(prog="infra.release.pipeline", description=__doc__)
    parser.add_argument("repository", metavar="OWNER/NAME")
    parser.add_argument("--environment", default="production")
    parser.add_argument("--qualifier", default=QUALIFIER)
    parser.add_argument("--out", default=".couponbus/pipeline")
    given = parser.parse_args(arguments)
    if "*" in given.repository + given.environment or given.repository.count("/") != 1:
        sys.stderr.write("name one repository, OWNER/NAME, and one environment\n")
        return 2
    if len(given.environment) > LONGEST:
        sys.stderr.write(f"the name of the environment has more than {LONGEST} characters\n")
        return 2
    app = App(analytics_reporting=False, outdir=given.out)
    Pipeline(
        app,
        f"{NAME}-{given.environment}",
        repository=given.repository,
        environment=given.environment,
        qualifier=given.qualifier,
    )
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
