"""The two layers of all functions: a built folder is the zip, as it stands."""

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from couponbus_config.stage import StageConfig
from infra.removal import removal_of
from infra.sources import Sources

RUNTIME = lambda_.Runtime.PYTHON_3_13
ARCHITECTURES = {"arm64": lambda_.Architecture.ARM_64, "x86_64": lambda_.Architecture.X86_64}


class Layers(Construct):
    """Our compiled package, and the built third-party wheels."""

    def __init__(self, scope: Construct, id_: str, *, sources: Sources, stage: StageConfig) -> None:
        super().__init__(scope, id_)
        arch = stage.architecture
        self.shared = lambda_.LayerVersion(
            self,
            "Shared",
            description="couponbus",
            code=lambda_.Code.from_asset(str(sources.shared_layer())),
            compatible_runtimes=[RUNTIME],
            removal_policy=removal_of(stage),
        )
        self.vendor = lambda_.LayerVersion(
            self,
            "Vendor",
            description=f"third-party wheels for {arch}",
            code=lambda_.Code.from_asset(str(sources.vendor_layer(stage.layer or arch))),
            compatible_architectures=[ARCHITECTURES[arch]],
            compatible_runtimes=[RUNTIME],
            removal_policy=removal_of(stage),
        )
        self.all: list[lambda_.ILayerVersion] = [self.shared, self.vendor]
