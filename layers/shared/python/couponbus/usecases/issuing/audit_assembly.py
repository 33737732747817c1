"""How the nightly audit is put together; issuing has an assembly of its own, with more steps."""

from collections.abc import Mapping

from couponbus.domain.issuing.account import Account
from couponbus.ports.issuing import Barcodes
from couponbus.ports.shared import RateLimiter
from couponbus.usecases.foundation import Foundation
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes
from couponbus.usecases.rate_limited_calls import RateLimitedCalls


def audit_barcodes(
    base: Foundation,
    *,
    barcodes: Barcodes,
    limiter: RateLimiter,
    accounts: Mapping[str, Account],
) -> AuditBarcodes:
    """Return the nightly audit."""
    calls = RateLimitedCalls(
        limiter=limiter, clock=base.clock, accounts=accounts, timing=base.timing
    )
    return AuditBarcodes(
        ledger=base.ledger,
        store=base.store,
        barcodes=barcodes,
        calls=calls,
        clock=base.clock,
        timing=base.timing,
    )
