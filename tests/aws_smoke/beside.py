"""Deploys the laboratory beside a stage that is deployed already."""

import threading
from collections.abc import Mapping, Sequence

from couponbus_config.names import Names
from couponbus_sandbox.engine.access import Access
from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.facts.deploying import PARTS
from tests.aws_smoke.laboratory import Laboratory
from tests.aws_smoke.laboratory_template import template
from tests.aws_smoke.stacks import Stacks

LABORATORY = "laboratory"
ROLES: Mapping[str, str] = {"Callback": "receive_callback", "Issuer": "issue_barcodes"}


class NotDeployed(Exception):
    """A stack did not deploy; the message names it and its status."""


def deployed_beside(
    *, access: Access, names: Names, stacks: Stacks, api_url: str, patience: float
) -> Cloud:
    """Deploy the laboratory, and return the cloud that facts ask. Raise NotDeployed."""
    functions = access.functions()
    [mapping] = functions.list_event_source_mappings(
        FunctionName=f"{names.of('publish_events')}:live"
    )["EventSourceMappings"]
    [owing] = mapping["FilterCriteria"]["Filters"]
    roles = {
        who: functions.get_function_configuration(FunctionName=names.of(function))["Role"]
        for who, function in ROLES.items()
    }
    name = names.of(LABORATORY)
    status = stacks.put(name, template(names=names, roles=roles, owing=owing["Pattern"]))
    if status != "CREATE_COMPLETE":
        raise NotDeployed(f"{name}: {status}")
    laboratory = Laboratory(queues=access.sqs(), functions=functions, places=stacks.outputs(name))
    # Made here: several threads must not make clients at once.
    access.dynamodb(), access.events(), access.logs(), access.metrics(), access.secrets()
    return Cloud(
        access=access,
        names=names,
        api_url=api_url,
        laboratory=laboratory,
        stacks=stacks,
        patience=patience,
        over=threading.Event(),
    )


def leftovers(names: Names) -> Sequence[str]:
    """Return the stacks that are deployed beside those of the stage, in the order of deletion."""
    return [names.of(part) for part in (*PARTS, LABORATORY)]
