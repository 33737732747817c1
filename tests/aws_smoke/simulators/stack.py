"""The stack of the simulators: one function with a URL, code and packages of this machine."""

import shutil
from importlib import import_module
from pathlib import Path

# Imported before anything that imports aws_cdk: it points jsii at the bundled Node.
import infra.node  # noqa: F401

# isort: split
from aws_cdk import App, CfnOutput, Duration, RemovalPolicy, Stack
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs

from infra.constructs.layers import ARCHITECTURES, RUNTIME
from infra.sources import Sources

HERE = Path(__file__).parent
SANDBOX = ("coniq", "koupon", "simulator", "uniqodo")
# Of the locked ones: these have nothing compiled. The vendor layer has all else that is imported.
PURE = ("starlette", "anyio", "uvicorn", "click", "h11")
PART = "simulators"


def write_assembly(
    out: Path, *, name: str, secret_path: str, sources: Sources, architecture: str
) -> None:
    """Write the cloud assembly with this one stack, and its asset beside it."""
    app = App(analytics_reporting=False, outdir=str(out))
    stack = Stack(app, name, description="The simulators of a smoke test")
    log = logs.LogGroup(
        stack, "Log", retention=logs.RetentionDays.ONE_DAY, removal_policy=RemovalPolicy.DESTROY
    )
    function = lambda_.Function(
        stack,
        "Simulators",
        runtime=RUNTIME,
        architecture=ARCHITECTURES[architecture],
        handler="handler.handler",
        code=lambda_.Code.from_asset(str(_code(out.with_name(f"{out.name}-code"), sources.root))),
        layers=[
            lambda_.LayerVersion(
                stack,
                "Vendor",
                code=lambda_.Code.from_asset(str(sources.vendor_layer(architecture))),
                compatible_runtimes=[RUNTIME],
            )
        ],
        memory_size=1024,
        timeout=Duration.seconds(60),
        # What they know is in the memory of one environment.
        reserved_concurrent_executions=1,
        environment={"SECRET_PATH": secret_path},
        log_group=log,
    )
    # The providers' callers cannot sign for IAM: the path is the secret.
    url = function.add_function_url(auth_type=lambda_.FunctionUrlAuthType.NONE)
    CfnOutput(stack, "Url", value=url.url)
    CfnOutput(stack, "Function", value=function.function_name)
    app.synth()


def _code(folder: Path, root: Path) -> Path:
    ignored = shutil.ignore_patterns("__pycache__")
    for package in PURE:
        [found] = import_module(package).__path__
        shutil.copytree(found, folder / package, ignore=ignored)
    for part in SANDBOX:
        sandbox = Path("couponbus_sandbox") / part
        shutil.copytree(root / sandbox, folder / sandbox, ignore=ignored)
    (folder / "couponbus_sandbox" / "__init__.py").touch()
    shutil.copy(HERE / "handler.py", folder)
    return folder
