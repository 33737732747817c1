"""An HTTP API (API Gateway v2) in front of one function."""

import json
from collections.abc import Mapping

from aws_cdk import CfnOutput, Duration, Stack
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_logs as logs
from constructs import Construct

from couponbus_config.options import Domain
from infra.constructs.python_function import Platform, PythonFunction
from infra.log_retention import retention_of
from infra.removal import removal_of

TIMEOUT = Duration.seconds(29)
# All of a request but its path and its query, which may contain a secret.
LOGGED = {
    "request_id": "$context.requestId",
    "time": "$context.requestTimeEpoch",
    "route": "$context.routeKey",
    "method": "$context.httpMethod",
    "status": "$context.status",
    "latency_ms": "$context.responseLatency",
    "ip": "$context.identity.sourceIp",
}


class HttpApi(Construct):
    """Routes with any method to the alias of a function, which knows the right ones.

    API Gateway itself answers other paths, and callers above the rate limit: no function runs.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        worker: PythonFunction,
        platform: Platform,
        name: str,
        limits: Mapping[str, tuple[int, int]],
    ) -> None:
        super().__init__(scope, id_)
        stage = platform.stage
        self.api = apigateway.HttpApi(
            self,
            "Api",
            api_name=platform.names.of(name),
            description=f"functions/{worker.folder}",
            create_default_stage=False,
            disable_execute_api_endpoint=stage.domain is not None,
        )
        routes = [
            route
            for path in limits
            for route in self.api.add_routes(path=path, integration=_calling(worker, path))
        ]
        log_group = logs.LogGroup(
            self,
            "AccessLog",
            log_group_name=platform.names.access_log(name),
            retention=retention_of(stage),
            removal_policy=removal_of(stage),
        )
        self.stage = apigateway.CfnStage(
            self,
            "Stage",
            api_id=self.api.api_id,
            stage_name="$default",
            auto_deploy=True,
            default_route_settings=apigateway.CfnStage.RouteSettingsProperty(
                detailed_metrics_enabled=True,
                throttling_rate_limit=stage.callback_rate,
                throttling_burst_limit=stage.callback_burst,
            ),
            # A limit for each path: a flood on one leaves the others their own.
            route_settings={
                f"ANY {path}": {
                    "DetailedMetricsEnabled": True,
                    "ThrottlingRateLimit": rate,
                    "ThrottlingBurstLimit": burst,
                }
                for path, (rate, burst) in limits.items()
            },
            access_log_settings=apigateway.CfnStage.AccessLogSettingsProperty(
                destination_arn=log_group.log_group_arn, format=json.dumps(LOGGED)
            ),
        )

        # API Gateway refuses settings of a route that is not there yet.
        self.stage.node.add_dependency(*routes)
        self._domain = stage.domain
        if stage.domain:
            self._at(stage.domain)

    @property
    def url(self) -> str:
        """Return the base URL, without a slash at the end."""
        if self._domain:
            return f"https://{self._domain.name}"
        return self.api.api_endpoint

    def _at(self, domain: Domain) -> None:
        """Answer at a domain; its record in DNS leads to the address that the stack outputs."""
        named = apigateway.CfnDomainName(
            self,
            "Domain",
            domain_name=domain.name,
            domain_name_configurations=[
                apigateway.CfnDomainName.DomainNameConfigurationProperty(
                    certificate_arn=domain.certificate,
                    endpoint_type="REGIONAL",
                    security_policy="TLS_1_2",
                )
            ],
        )
        mapping = apigateway.CfnApiMapping(
            self,
            "DomainMapping",
            api_id=self.api.api_id,
            domain_name=named.ref,
            stage=self.stage.ref,
        )
        mapping.add_dependency(self.stage)
        CfnOutput(Stack.of(self), "DomainTarget", value=named.attr_regional_domain_name)


def _calling(worker: PythonFunction, path: str) -> integrations.HttpLambdaIntegration:
    """Return an integration for one path: a shared one would be permitted for the first only."""
    return integrations.HttpLambdaIntegration(
        f"{worker.node.id}At{path}",
        worker.alias,
        payload_format_version=apigateway.PayloadFormatVersion.VERSION_2_0,
        timeout=TIMEOUT,
    )
