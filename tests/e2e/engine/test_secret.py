"""Secrets of a template: their reference and their generated values."""

import json

from tests.e2e.engine.laboratory import Json, Laboratory, any_name, function, ref, role


def any_secret(*, name: str = "", description: str = "", **rules: object) -> Json:
    return {
        "Type": "AWS::SecretsManager::Secret",
        "Properties": {
            "Name": name or f"couponbus/{any_name('secret')}",
            "Description": description,
            "GenerateSecretString": rules,
        },
    }


def test_the_reference_of_a_secret_is_its_arn(laboratory: Laboratory) -> None:
    stack = laboratory.deploy({"Secret": any_secret()}, outputs={"Ref": {"Value": ref("Secret")}})

    described = laboratory.access.secrets().describe_secret(SecretId=stack.outputs["Ref"])
    assert stack.outputs["Ref"] == described["ARN"]


def test_a_generated_value_obeys_the_rules_of_the_template(laboratory: Laboratory) -> None:
    stack = laboratory.deploy(
        {"Secret": any_secret(PasswordLength=48, ExcludePunctuation=True)},
        outputs={"Arn": {"Value": ref("Secret")}},
    )

    value = laboratory.access.secrets().get_secret_value(SecretId=stack.outputs["Arn"])
    assert len(value["SecretString"]) == 48
    assert value["SecretString"].isalnum()


def test_a_generated_value_is_put_under_its_key_in_the_template_string(
    laboratory: Laboratory,
) -> None:
    stack = laboratory.deploy(
        {
            "Secret": any_secret(
                SecretStringTemplate='{"algorithm": "sha256"}', GenerateStringKey="key"
            )
        },
        outputs={"Arn": {"Value": ref("Secret")}},
    )

    value = laboratory.access.secrets().get_secret_value(SecretId=stack.outputs["Arn"])
    secret = json.loads(value["SecretString"])
    assert secret["algorithm"] == "sha256"
    assert len(secret["key"]) == 32


def test_a_changed_description_updates_the_same_secret(laboratory: Laboratory) -> None:
    name = f"couponbus/{any_name('secret')}"
    outputs = {"Arn": {"Value": ref("Secret")}}
    before = laboratory.deploy({"Secret": any_secret(name=name)}, outputs=outputs)

    changed = any_secret(name=name, description="now described")
    after = laboratory.deploy({"Secret": changed}, outputs=outputs, name=before.name)

    assert after.outputs == before.outputs
    found = laboratory.access.secrets().describe_secret(SecretId=after.outputs["Arn"])
    assert found["Description"] == "now described"


def test_a_policy_written_with_the_reference_lets_a_function_read_it(
    laboratory: Laboratory,
) -> None:
    stack = laboratory.deploy(
        {
            "Secret": any_secret(),
            "Role": role(("secretsmanager:GetSecretValue", ref("Secret"))),
            "Read": function(
                """
                import os, boto3
                def handler(event, context):
                    client = boto3.client("secretsmanager")
                    return len(client.get_secret_value(SecretId=os.environ["S"])["SecretString"])
                """,
                its_role="Role",
                Environment={"Variables": {"S": ref("Secret")}},
            ),
        }
    )

    answer = laboratory.access.functions().invoke(FunctionName=laboratory.physical(stack, "Read"))
    assert answer["Payload"].read() == b"32"
