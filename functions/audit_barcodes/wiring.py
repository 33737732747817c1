"""What audit_barcodes is made of."""

from couponbus.aws.secrets import Secrets
from couponbus.runtime.coniq import coniq_barcodes
from couponbus.runtime.coniq_rate_limiter import coniq_rate_limiter
from couponbus.runtime.initialisation import per_environment
from couponbus.runtime.settings import Accounts, IssuanceSettings
from couponbus.runtime.start import start
from couponbus.usecases.issuing import audit_assembly
from couponbus.usecases.issuing.audit_barcodes import AuditBarcodes


class Settings(IssuanceSettings):
    """The environment of audit_barcodes."""

    coniq_accounts: Accounts
    settle_seconds: float


@per_environment
def service() -> AuditBarcodes:
    """Assemble the use case, once per execution environment."""
    runtime = start(Settings)
    settings = runtime.settings
    secrets = Secrets(client=runtime.clients.secrets, clock=runtime.clock)
    accounts = {account.name: account for account in settings.coniq_accounts}
    return audit_assembly.audit_barcodes(
        runtime.base,
        barcodes=coniq_barcodes(runtime, accounts=accounts, secrets=secrets),
        limiter=coniq_rate_limiter(runtime, accounts=accounts),
        accounts=accounts,
    )
