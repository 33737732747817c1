"""The HTTP API: exactly two paths, to one alias, rate limited, and logged without secrets."""

import json

from couponbus.usecases.inbound.receive_callback import SIGN_UPS, UNIQODO
from tests.infra.assembly import Assembly, Json

ROUTES = {f"ANY {SIGN_UPS}", f"ANY {UNIQODO}"}


def stage(assembly: Assembly) -> Json:
    (found,) = assembly.of("AWS::ApiGatewayV2::Stage")
    return found.properties


def test_exactly_the_paths_that_the_use_case_knows_reach_the_function(dev: Assembly) -> None:
    routes = dev.of("AWS::ApiGatewayV2::Route")

    assert {each.properties["RouteKey"] for each in routes} == ROUTES
    for route in routes:
        _, target = route.properties["Target"]["Fn::Join"][1]
        integration = dev.templates["workers"]["Resources"][target["Ref"]]["Properties"]
        worker = dev.worker(integration["IntegrationUri"], "workers")
        assert worker == dev.functions["receive_callback"]
        assert integration["PayloadFormatVersion"] == "2.0"
        assert integration["IntegrationType"] == "AWS_PROXY"
        # Lambda times out first, so that the response is ours.
        assert integration["TimeoutInMillis"] > worker.properties["Timeout"] * 1000


def test_no_authorizer_is_used_because_the_function_checks_signature_or_secret(
    dev: Assembly,
) -> None:
    kinds = {each.properties["AuthorizationType"] for each in dev.of("AWS::ApiGatewayV2::Route")}

    assert kinds == {"NONE"}
    assert dev.of("AWS::ApiGatewayV2::Authorizer") == []


def test_api_gateway_may_call_the_alias_for_each_path_of_this_api_and_for_nothing_else(
    dev: Assembly,
) -> None:
    permissions = dev.of("AWS::Lambda::Permission")
    allowed = {
        dev.words(each.properties["SourceArn"], each.stack).partition("execute-api:")[2]
        for each in permissions
    }

    place = "AWS::Region:AWS::AccountId:Api couponbus-dev-callbacks"
    assert allowed == {f"{place}/*/*{path}" for path in (SIGN_UPS, UNIQODO)}
    assert {each.properties["Principal"] for each in permissions} == {"apigateway.amazonaws.com"}
    for each in permissions:
        called = dev.worker(each.properties["FunctionName"], each.stack)
        assert called == dev.functions["receive_callback"]


def test_a_caller_above_the_rate_limit_is_answered_429_by_api_gateway(
    dev: Assembly, prod: Assembly
) -> None:
    for assembly in (dev, prod):
        settings = stage(assembly)["DefaultRouteSettings"]
        assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == (50, 100)
        assert settings["DetailedMetricsEnabled"] is True


def test_the_access_log_has_no_path_and_no_query_because_they_may_contain_a_secret(
    dev: Assembly,
) -> None:
    log = stage(dev)["AccessLogSettings"]
    logged = set(json.loads(log["Format"]).values())

    assert logged == {
        "$context.requestId",
        "$context.requestTimeEpoch",
        "$context.routeKey",
        "$context.httpMethod",
        "$context.status",
        "$context.responseLatency",
        "$context.identity.sourceIp",
    }
    assert dev.words(log["DestinationArn"], "workers") == (
        "LogGroup /aws/vendedlogs/couponbus-dev-callbacks"
    )


def test_the_api_is_served_from_its_root_and_its_url_is_an_output(dev: Assembly) -> None:
    output = dev.templates["workers"]["Outputs"]["CallbacksUrl"]["Value"]

    assert stage(dev)["StageName"] == "$default"
    assert stage(dev)["AutoDeploy"] is True
    assert dev.words(output, "workers") == "Api couponbus-dev-callbacks"


def test_the_secrets_of_callers_are_made_up_long_enough_to_sign_and_to_stand_in_a_path(
    dev: Assembly,
) -> None:
    secrets = dev.by_name("AWS::SecretsManager::Secret")

    for name in ("couponbus/dev/sign-ups", "couponbus/dev/callbacks/main"):
        assert secrets[name].properties["GenerateSecretString"] == {
            "ExcludePunctuation": True,
            "PasswordLength": 44,
        }


def test_the_function_is_configured_with_its_callers_and_their_fields(dev: Assembly) -> None:
    settings = dev.settings("receive_callback")

    assert json.loads(settings["UNIQODO_CALLBACKS"]) == [
        {
            "name": "main",
            "secret_id": "couponbus/dev/callbacks/main",
            "tenant": "default",
            "promotion_field": "promotionId",
            "user_field": "userId",
        }
    ]
