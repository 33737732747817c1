"""One stage in simulated time: the use cases of production on the ports of a laptop."""

from collections.abc import Callable
from dataclasses import replace

from couponbus.domain.durations import timing
from couponbus.domain.issuing.account import Account
from couponbus.domain.issuing.program import Program
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.polling.snapshot import Snapshot
from couponbus.domain.provider import Provider
from couponbus.domain.webhooks.directory import TenantEndpoints, directory_key
from couponbus.domain.webhooks.endpoint import Endpoint
from couponbus.providers.coniq.client import ConiqBarcodes
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.inbound import assembly as inbound_assembly
from couponbus.usecases.issuing import assembly as issuing_assembly
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.outbox import assembly as outbox_assembly
from couponbus.usecases.polling import assembly as polling_assembly
from couponbus.usecases.polling import schedule_assembly
from couponbus.usecases.publishing import assembly as publishing_assembly
from couponbus.usecases.webhooks import assembly as webhook_assembly
from tests.fakes.callers import MemoryIgnoredCallbacks, MemoryPathSecrets
from tests.fakes.callers import MemorySigningKeys as CallerKeys
from tests.fakes.clock import ManualClock
from tests.fakes.cohorts import MemoryCohorts
from tests.fakes.endpoint_pace import MemoryEndpointPace
from tests.fakes.executor import InlineExecutor
from tests.fakes.ids import CountingIds
from tests.fakes.programs import MemoryPrograms
from tests.fakes.rate_limiter import MemoryRateLimiter
from tests.fakes.redemptions import MemoryRedemptions
from tests.fakes.signing_keys import MemorySigningKeys, key_not_real
from tests.fakes.webhooks import MemoryWebhooks
from tests.incidents.coniq import Coniq
from tests.incidents.ledger import StageLedger
from tests.incidents.ports import Pseudonyms, QueuePort, StageBus
from tests.incidents.template import StageTemplate
from tests.unit.usecases.inbound.receiving_world import ACCOUNT as CALLBACK_ACCOUNT
from tests.unit.usecases.inbound.receiving_world import KEY, PATH_SECRET
from tests.unit.usecases.issuing.scripted_coniq import Keys
from tests.unit.usecases.polling.polling_world import UNIQODO
from tests.unit.usecases.world import PROGRAM

MAIN = "main"
TENANT = "default"
NOTHING_REDEEMED = Snapshot(is_complete=True, uses=(), offer_id="4883")
ISSUING = replace(PROGRAM, account=MAIN)
WATCHED = replace(ISSUING, watches=(UNIQODO,))
CONIQ = Account(name=MAIN, base_url="http://127.0.0.1:9", secret_id="couponbus/test/coniq/main")
POLLED = tuple(
    PollAccount(
        provider=provider,
        name=MAIN,
        calls_per_second=2.0,
        calls_per_day=None,
        max_interval_seconds=48 * 3600.0,
    )
    for provider in Provider
)


class Stage:
    """The parts of a stage; `faults` of an incident change them."""

    def __init__(
        self,
        template: StageTemplate,
        *,
        clock: ManualClock,
        on_refusal: Callable[[str], None],
        programs: tuple[Program, ...] = (ISSUING,),
        polled: tuple[PollAccount, ...] = POLLED,
    ) -> None:
        self.template = template
        self.name = template.stage
        self.clock = clock
        self.queues = template.made_queues()
        self.ledger = StageLedger(clock=clock, on_refusal=on_refusal)
        self.programs = MemoryPrograms(*programs)
        self.coniq = Coniq(clock)
        self.providers = MemoryRedemptions(shows_else=NOTHING_REDEEMED)
        self.pseudonyms = Pseudonyms()
        self.webhooks = MemoryWebhooks(clock=clock)
        self.caller_keys = CallerKeys((KEY,))
        self.stopped: set[str] = set()  # functions whose schedule or mapping does not start them
        self.broken: set[str] = set()  # functions that raise before they begin
        self.throttled: set[str] = set()  # functions that Lambda has no room for
        self.not_invoked: set[str] = set()  # functions that their schedule may not invoke
        self.denied: set[str] = set()  # queues to which the rule of the bus may not send
        self.ports = {
            name: QueuePort(queue=queue, clock=clock) for name, queue in self.queues.items()
        }
        self.bus = StageBus(self.ports["notifications"], caller=lambda: self.ledger.caller)
        self._keys = MemorySigningKeys()
        self._base = Foundation(
            ledger=self.ledger, clock=clock, ids=CountingIds(template.stage), timing=timing()
        )
        self._accounts = {MAIN: CONIQ}
        self._polled = polled
        self.limiter = MemoryRateLimiter(
            clock=clock, calls_per_second={MAIN: CONIQ.calls_per_second}, brake=CONIQ.brake
        )
        self._limiters = {provider: _limiter(provider, polled, clock) for provider in Provider}
        self._cohorts = MemoryCohorts(self.ledger)
        self._barcodes = ConiqBarcodes(
            accounts=self._accounts,
            stage=self.name,
            keys=Keys(),
            transport=self.coniq,
            clock=clock,
        )
        self.services = self._services()

    def has_endpoint(self, endpoint_id: str) -> None:
        """Store an endpoint for all events."""
        key = directory_key(TENANT)
        listed = self.ledger.rows.get(key, TenantEndpoints(directory_id=TENANT))
        assert isinstance(listed, TenantEndpoints)
        endpoint = Endpoint(
            endpoint_id=endpoint_id,
            tenant=TENANT,
            url=url_of(endpoint_id),
            created_at=self.clock.now(),
        )
        self.ledger.put(listed.having(endpoint_id), endpoint)
        self._keys.keys[endpoint_id] = (key_not_real(endpoint_id),)

    def _services(self) -> dict[str, object]:
        pseudonyms, ports = self.pseudonyms, self.ports
        return {
            "issue_barcodes": issuing_assembly.issue_barcodes(
                self._base,
                programs=self.programs,
                barcodes=self._barcodes,
                limiter=self.limiter,
                quarantine=ports["quarantine"],
                unidentified=ports["unidentified"],
                pseudonyms=pseudonyms,
                polls=ports["polls"],
                bus=self.bus,
                accounts=self._accounts,
            ),
            "audit_barcodes": audit_assembly.audit_barcodes(
                self._base, barcodes=self._barcodes, limiter=self.limiter, accounts=self._accounts
            ),
            "publish_events": publishing_assembly.publish_events(self._base, bus=self.bus),
            "sweep_due": outbox_assembly.sweep_due(
                self._base,
                bus=self.bus,
                commands=ports["signups"],
                polls=ports["polls"],
                redeliveries=ports["redeliveries"],
                limiter=self.limiter,
                accounts=self._accounts,
            ),
            "schedule_polls": schedule_assembly.schedule_polls(
                self._base,
                cohorts=self._cohorts,
                polls=ports["polls"],
                limiters=self._limiters,
                accounts=self._polled,
            ),
            "poll_redemptions": polling_assembly.poll_redemptions(
                self._base,
                redemptions=self.providers,
                cohorts=self._cohorts,
                programs=lambda: self.programs,
                limiters=self._limiters,
                accounts=self._polled,
                quarantine=ports["quarantine"],
                pseudonyms=pseudonyms,
                executor=InlineExecutor(),
            ),
            "fan_out_webhooks": webhook_assembly.fan_out_webhooks(
                self._base, deliveries=ports["deliveries"], quarantine=ports["quarantine"]
            ),
            "deliver_webhooks": webhook_assembly.deliver_webhooks(
                self._base,
                webhooks=self.webhooks,
                signing_keys=self._keys,
                pace=MemoryEndpointPace(clock=self.clock),
                quarantine=ports["quarantine"],
                executor=InlineExecutor(),
            ),
            "receive_callback": inbound_assembly.receive_callback(
                self._base,
                keys=self.caller_keys,
                sign_ups=ports["signups"],
                accounts=(CALLBACK_ACCOUNT,),
                path_secrets=MemoryPathSecrets({CALLBACK_ACCOUNT.name: (PATH_SECRET,)}),
                pseudonyms=pseudonyms,
                polls=ports["polls"],
                ignored=MemoryIgnoredCallbacks(self.clock),
                producers={},
            ),
        }


def url_of(endpoint_id: str) -> str:
    return f"https://{endpoint_id}.receiver.example/hooks"


def _limiter(
    provider: Provider, polled: tuple[PollAccount, ...], clock: ManualClock
) -> MemoryRateLimiter:
    ours = [one for one in polled if one.provider is provider]
    return MemoryRateLimiter(
        clock=clock,
        calls_per_second={one.name: one.calls_per_second for one in ours},
        calls_per_day={
            one.name: one.calls_per_day for one in ours if one.calls_per_day is not None
        },
    )
