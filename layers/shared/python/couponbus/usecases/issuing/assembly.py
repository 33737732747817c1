"""How the steps of issuing are put together; ports in, use case out."""

from collections.abc import Mapping

from couponbus.domain.issuing.account import Account
from couponbus.domain.tenancy import ANY_TENANT, Tenancy
from couponbus.ports.issuing import Barcodes, Programs, Unidentified
from couponbus.ports.shared import Bus, Commands, Pseudonyms, Quarantine, RateLimiter
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing.admission import Admission
from couponbus.usecases.issuing.after_restore import AfterRestore
from couponbus.usecases.issuing.begin_watches import BeginWatches
from couponbus.usecases.issuing.enrolment import Enrolment
from couponbus.usecases.issuing.issue_barcodes import IssueBarcodes
from couponbus.usecases.issuing.issuing_batches import IssuingBatches
from couponbus.usecases.issuing.last_restore import LastRestore
from couponbus.usecases.issuing.matching import Matching
from couponbus.usecases.issuing.precheck import Precheck
from couponbus.usecases.issuing.probing import Probing
from couponbus.usecases.issuing.reconcile import Reconcile
from couponbus.usecases.issuing.refuse import Refuse
from couponbus.usecases.issuing.request_barcodes import RequestBarcodes
from couponbus.usecases.issuing.resolution_store import ResolutionStore
from couponbus.usecases.issuing.resolve_customers import ResolveCustomers
from couponbus.usecases.issuing.unidentified_messages import UnidentifiedMessages
from couponbus.usecases.issuing.unmatched_sign_ups import UnmatchedSignUps
from couponbus.usecases.issuing.watching_only import WatchingOnly
from couponbus.usecases.polling.start_watches import InitialPolls, Watching
from couponbus.usecases.publishing.assembly import publish_events
from couponbus.usecases.quarantine import InvalidMessages
from couponbus.usecases.rate_limited_calls import RateLimitedCalls


def issue_barcodes(  # noqa: PLR0913 - a port each
    base: Foundation,
    *,
    programs: Programs,
    barcodes: Barcodes,
    limiter: RateLimiter,
    quarantine: Quarantine,
    unidentified: Unidentified,
    pseudonyms: Pseudonyms,
    polls: Commands,
    bus: Bus,
    accounts: Mapping[str, Account],
    tenancy: Tenancy = ANY_TENANT,
) -> IssueBarcodes:
    """Return the issuing worker."""
    clock, timing, store = base.clock, base.timing, base.store
    watching = Watching(store=store, pseudonyms=pseudonyms, clock=clock, timing=timing)
    initial_polls = InitialPolls(polls=polls)
    watches = BeginWatches(programs=programs, watching=watching, initial_polls=initial_polls)
    last_restore = LastRestore(ledger=base.ledger, clock=clock)
    admission = Admission(store=store, watches=watches, last_restore=last_restore)
    calls = RateLimitedCalls(limiter=limiter, clock=clock, accounts=accounts, timing=timing)
    enrolment = Enrolment(pseudonyms=pseudonyms, timing=timing)
    resolutions = ResolutionStore(store=store, clock=clock, timing=timing)
    return IssueBarcodes(
        ledger=base.ledger,
        clock=clock,
        matching=Matching(programs=programs, enrolment=enrolment),
        unmatched=UnmatchedSignUps(store=store, clock=clock, timing=timing),
        enrolment=enrolment,
        invalid_messages=UnidentifiedMessages(
            queue=unidentified,
            letters=InvalidMessages(store=store, queue=quarantine, clock=clock, timing=timing),
            pseudonyms=pseudonyms,
        ),
        refuse=Refuse(resolutions=resolutions, admission=admission, clock=clock, timing=timing),
        resolve_customers=ResolveCustomers(
            store=resolutions,
            barcodes=barcodes,
            enrolment=enrolment,
            calls=calls,
            clock=clock,
            timing=timing,
        ),
        reconcile=Reconcile(
            store=store,
            watches=watches,
            barcodes=barcodes,
            calls=calls,
            clock=clock,
            timing=timing,
        ),
        after_restore=AfterRestore(
            last_restore=last_restore,
            admission=admission,
            barcodes=barcodes,
            calls=calls,
            clock=clock,
            timing=timing,
        ),
        precheck=Precheck(
            admission=admission,
            barcodes=barcodes,
            calls=calls,
            clock=clock,
            timing=timing,
        ),
        request_barcodes=RequestBarcodes(
            store=store,
            watches=watches,
            admission=admission,
            batches=IssuingBatches(
                store=store,
                publish_events=publish_events(base, bus=bus),
                clock=clock,
            ),
            barcodes=barcodes,
            calls=calls,
            probing=Probing(barcodes=barcodes, calls=calls),
            clock=clock,
            ids=base.ids,
            accounts=accounts,
            timing=timing,
        ),
        watching_only=WatchingOnly(
            enrolment=enrolment, watching=watching, initial_polls=initial_polls, clock=clock
        ),
        limiter=limiter,
        tenancy=tenancy,
    )
