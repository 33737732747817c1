"""What receive_callback is made of."""

import os
from functools import cache

from pydantic import Json

from couponbus.aws.clients import Clients
from couponbus.aws.ids import RandomIds
from couponbus.aws.inbound.callback_secrets import StoredInboundKeys, StoredPathSecrets
from couponbus.aws.ledger.ledger import DynamoLedger
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsCommands, SqsSignUps
from couponbus.aws.secrets import Secrets
from couponbus.domain.inbound.callback_account import CallbackAccount
from couponbus.runtime.clock import clock_of
from couponbus.runtime.settings import FunctionSettings
from couponbus.usecases.inbound import assembly as callback_assembly
from couponbus.usecases.inbound.receive_callback import ReceiveCallback

type CallbackAccounts = Json[tuple[CallbackAccount, ...]]


class Settings(FunctionSettings):
    """The environment of receive_callback."""

    signups_queue_url: str
    polls_queue_url: str
    pepper_secret_id: str
    sign_ups_secret_id: str
    uniqodo_callbacks: CallbackAccounts


@cache
def service() -> ReceiveCallback:
    """Put the function together, once for each environment."""
    settings = Settings.read(os.environ)
    clients, clock = Clients(), clock_of(settings)
    secrets = Secrets(client=clients.secrets, clock=clock)
    accounts = settings.uniqodo_callbacks
    return callback_assembly.receive_callback(
        ledger=DynamoLedger(client=clients.dynamodb, table=settings.table_name, clock=clock),
        clock=clock,
        ids=RandomIds(),
        keys=StoredInboundKeys(secrets=secrets, secret_id=settings.sign_ups_secret_id),
        sign_ups=SqsSignUps(client=clients.sqs, url=settings.signups_queue_url, clock=clock),
        accounts=accounts,
        path_secrets=StoredPathSecrets(secrets=secrets, accounts=accounts),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        polls=SqsCommands(client=clients.sqs, url=settings.polls_queue_url, clock=clock),
    )
