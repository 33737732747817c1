"""What starts the functions is deployed with them."""

import pytest

from tests.e2e.product import Product


@pytest.mark.parametrize(
    ("function", "expression"),
    [
        ("sweep_due", "rate(1 minute)"),
        ("schedule_polls", "rate(1 minute)"),
        ("audit_barcodes", "cron(17 2 * * ? *)"),
    ],
)
def test_a_schedule_starts_the_alias_of_a_function(
    product: Product, function: str, expression: str
) -> None:
    access = product.stack.access
    client = access.session.client("scheduler", **access.where)

    name = product.stack.functions[function]
    schedule = client.get_schedule(Name=name, GroupName="couponbus-local")

    assert schedule["State"] == "ENABLED"
    assert schedule["ScheduleExpression"] == expression
    assert schedule["Target"]["Arn"].endswith(f":{name}:live")
