"""An HTTP API limits the requests to each of its routes."""

import ssl
import urllib.error
import urllib.request

from couponbus_sandbox.engine.token_bucket import TokenBucket
from tests.e2e.engine.laboratory import Json, Laboratory, any_name, arn, function, ref, role

HANDLER = """
    def handler(event, context):
        return {"statusCode": 204}
"""
NEVER_AGAIN = 0.0001  # requests a second: within a test none is added
LIMITED, FREE = "ANY /limited", "ANY /free"


def limits(*, rate: float, burst: int) -> Json:
    return {"ThrottlingRateLimit": rate, "ThrottlingBurstLimit": burst}


def an_api() -> dict[str, Json]:
    """Two routes to one function, of which one has a limit of its own."""

    def of_the_api(kind: str, **properties: object) -> Json:
        return {
            "Type": f"AWS::ApiGatewayV2::{kind}",
            "Properties": {"ApiId": ref("Api"), **properties},
        }

    integration = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
    target = {"Fn::Join": ["/", ["integrations", ref("Integration")]]}
    return {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {"Name": any_name("api"), "ProtocolType": "HTTP"},
        },
        "Role": role(),
        "Handler": function(HANDLER, its_role="Role"),
        "Integration": of_the_api("Integration", IntegrationUri=arn("Handler"), **integration),
        "Limited": of_the_api("Route", RouteKey=LIMITED, Target=target),
        "Free": of_the_api("Route", RouteKey=FREE, Target=target),
        "Stage": of_the_api(
            "Stage",
            StageName="$default",
            AutoDeploy=True,
            DefaultRouteSettings=limits(rate=NEVER_AGAIN, burst=3),
            RouteSettings={LIMITED: limits(rate=NEVER_AGAIN, burst=2)},
        ),
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "FunctionName": arn("Handler"),
                "Action": "lambda:InvokeFunction",
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }


def test_a_caller_above_the_limit_of_a_route_is_answered_429_and_others_are_not(
    laboratory: Laboratory,
) -> None:
    stack = laboratory.deploy(an_api())
    access, api = laboratory.access, laboratory.physical(stack, "Api")
    trusting = ssl.create_default_context(cafile=str(access.ca_bundle))

    def ask(path: str) -> int:
        url = f"{access.endpoint_url}/_aws/execute-api/{api}/$default/{path}"
        try:
            with urllib.request.urlopen(url, context=trusting, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code

    assert [ask("limited") for _ in range(4)] == [204, 204, 429, 429]
    assert [ask("free") for _ in range(4)] == [204, 204, 204, 429]
    assert ask("nothing") == 404


def test_a_bucket_is_full_at_first_and_refills_at_its_rate() -> None:
    now = 100.0
    bucket = TokenBucket(rate=2, burst=3, clock=lambda: now)

    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now += 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now += 60
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
