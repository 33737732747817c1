"""The body of each webhook as a contract, made from the event that it carries."""

from collections.abc import Mapping, Sequence
from typing import Literal, cast

from pydantic import BaseModel, Field, create_model

from couponbus.events.webhook import (
    EndpointTest,
    ReadableIssuedData,
    ReadableRedemptionData,
    WebhookBody,
)
from events.contracts import Contract
from events.example_facts import Example
from events.inlined import part

_TEST = Contract(
    name=EndpointTest.__name__,
    version=EndpointTest.version,
    direction="webhook",
    model=EndpointTest,
    sources=(EndpointTest.origin,),
    detail_type=None,
)
# The fields that an endpoint may get beyond the event, by its scopes.
WITH_SCOPES: Mapping[str, object] = {
    "BarcodeIssued": ReadableIssuedData,
    "RedemptionRecorded": ReadableRedemptionData,
    "RedemptionUpdated": ReadableRedemptionData,
}


def webhook_contracts(found: Sequence[Contract]) -> list[Contract]:
    """Return the contract of the webhook of each published event, and that of a test."""
    return [*(_webhook_of(each) for each in found if each.direction == "published"), _TEST]


def webhook_example(contract: Contract, example: Example) -> Example:
    """Return the body that carries this event; contract is the event's own."""
    provider = part(example, "data").get("provider")
    source = f"couponbus.{provider}" if provider else contract.sources[0]
    return {
        "type": contract.detail_type,
        "timestamp": part(example, "metadata").get("occurred_at"),
        "source": source,
        **example,
    }


def _webhook_of(contract: Contract) -> Contract:
    data = WITH_SCOPES.get(contract.name, contract.model.model_fields["data"].annotation)
    sources = ", ".join(contract.sources)
    body = create_model(
        contract.name,
        __base__=WebhookBody,
        __doc__=contract.model.__doc__,
        type=(cast("type[str]", Literal.__getitem__(contract.detail_type)), ...),
        source=(str, Field(description=f"{sources}; others may follow.")),
        data=(cast("type[BaseModel]", data), ...),
    )
    return Contract(
        name=contract.name,
        version=contract.version,
        direction="webhook",
        model=body,
        sources=contract.sources,
        detail_type=None,
    )
