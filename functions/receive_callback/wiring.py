"""What receive_callback is made of."""

from pydantic import Json

from couponbus.aws.inbound.callback_secrets import StoredInboundKeys, StoredPathSecrets
from couponbus.aws.inbound.ignored_callbacks import DynamoIgnoredCallbacks
from couponbus.aws.pseudonyms import PepperedPseudonyms
from couponbus.aws.queues import SqsCommands, SqsSignUps
from couponbus.aws.secrets import Secrets
from couponbus.domain.inbound.callbacks import CallbackAccount, Producer
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import FunctionSettings
from couponbus.runtime.start import start
from couponbus.usecases.inbound import assembly as callback_assembly
from couponbus.usecases.inbound.receive_callback import ReceiveCallback

type CallbackAccounts = Json[tuple[CallbackAccount, ...]]
type Producers = Json[tuple[Producer, ...]]


class Settings(FunctionSettings):
    """The environment of receive_callback."""

    signups_queue_url: str
    polls_queue_url: str
    pepper_secret_id: str
    sign_ups_secret_id: str
    producers: Producers
    uniqodo_callbacks: CallbackAccounts


@per_environment
def service() -> ReceiveCallback:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    secrets = Secrets(client=runtime.clients.secrets, clock=runtime.clock)
    accounts = settings.uniqodo_callbacks
    return callback_assembly.receive_callback(
        runtime.base,
        keys=StoredInboundKeys(secrets=secrets, secret_id=settings.sign_ups_secret_id),
        sign_ups=runtime.queue(SqsSignUps, settings.signups_queue_url),
        accounts=accounts,
        path_secrets=StoredPathSecrets(secrets=secrets, accounts=accounts),
        pseudonyms=PepperedPseudonyms(secrets=secrets, secret_id=settings.pepper_secret_id),
        producers={
            each: StoredInboundKeys(secrets=secrets, secret_id=each.secret_id)
            for each in settings.producers
        },
        polls=runtime.queue(SqsCommands, settings.polls_queue_url),
        ignored=DynamoIgnoredCallbacks(
            client=runtime.clients.dynamodb, table=runtime.table, clock=runtime.clock
        ),
    )
