"""Who may put what on the bus: producers their sign-ups, our own roles alone our events."""

from collections.abc import Mapping, Sequence

from aws_cdk import aws_events as events
from aws_cdk import aws_iam as iam
from constructs import Construct

from couponbus_config.producers import BusProducer

OUR_SOURCES = "couponbus.*"


class ProducerPolicies(Construct):
    """Let each producer put the given detail types with its own sources, and nothing else."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bus: events.EventBus,
        producers: Sequence[BusProducer],
        detail_types: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        for place, producer in enumerate(producers):
            statement = _put(bus, effect="Allow", principal={"AWS": producer.principal})
            statement["Condition"] = {
                "ForAllValues:StringLike": {
                    "events:source": [f"{prefix}*" for prefix in producer.source_prefixes]
                },
                "ForAllValues:StringEquals": {"events:detail-type": list(detail_types)},
                # A condition on all values is met by a call that has none.
                "Null": {"events:source": "false", "events:detail-type": "false"},
            }
            _policy(self, f"Producer{place}", bus=bus, statement=statement)


class OwnSourcesPolicy(Construct):
    """Deny our sources to every principal but these roles, whatever its own policies allow."""

    def __init__(
        self, scope: Construct, id_: str, *, bus: events.IEventBus, roles: Sequence[iam.IRole]
    ) -> None:
        super().__init__(scope, id_)
        statement = _put(bus, effect="Deny", principal="*")
        statement["Condition"] = {
            "ForAnyValue:StringLike": {"events:source": [OUR_SOURCES]},
            "ArnNotLike": {"aws:PrincipalArn": [role.role_arn for role in roles]},
        }
        _policy(self, "OwnSources", bus=bus, statement=statement)


def _put(bus: events.IEventBus, *, effect: str, principal: object) -> dict[str, object]:
    return {
        "Effect": effect,
        "Principal": principal,
        "Action": "events:PutEvents",
        "Resource": bus.event_bus_arn,
    }


def _policy(
    scope: Construct, id_: str, *, bus: events.IEventBus, statement: Mapping[str, object]
) -> None:
    events.CfnEventBusPolicy(
        scope, id_, event_bus_name=bus.event_bus_name, statement_id=id_, statement=statement
    )
