"""A mapping that its template disables says that it is, from the beginning."""

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

from couponbus_sandbox.engine.shims.provisioning import Properties, Provisioned

MAPPING = "AWS::Lambda::EventSourceMapping"


def install() -> None:
    """Set the state that goes with the property: nothing reads the source either way."""
    original = dict(provisioners._RESOURCE_HANDLERS[MAPPING])

    def create(logical_id: str, properties: Properties, stack: str) -> Provisioned:
        made: Provisioned = original["create"](logical_id, properties, stack)
        if properties.get("Enabled") is False:
            lambda_svc._esms[made[0]]["State"] = "Disabled"
        return made

    provisioners._RESOURCE_HANDLERS[MAPPING] = original | {"create": create}
