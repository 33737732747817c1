"""Which of Coniq's hosts a stage may call: the same key is valid for test and production."""

from couponbus.domain.errors import ConfigurationInvalid
from couponbus.providers.http.base_url import host_of

PRODUCTION_STAGE = "prod"
PROVIDER_DOMAINS = ("coniq.com", "get2d.com")
TEST_HOSTS = frozenset(
    {
        "api-stage.coniq.com",
        "platform-stage.coniq.com",
        "poweredby-stage.coniq.com",
        "api-pre.get2d.com",
    }
)


def checked_base_url(base_url: str, *, stage: str) -> str:
    """Return the URL without a trailing slash, if this stage may use it.

    Coniq's test system is the one in TEST_HOSTS; every other host in its domains counts as
    production, so that a host added later is not mistaken for a test system. Production is
    for the stage "prod", which in turn refuses the test system: barcodes issued there vanish
    at its next refresh. Other domains (a simulator, the operator's own gateway) are not checked.
    Raises ConfigurationInvalid.
    """
    host = host_of(base_url, example="https://api-stage.coniq.com")
    if _is_production(host) and stage != PRODUCTION_STAGE:
        raise ConfigurationInvalid(
            f"base_url: {host} is Coniq's production, and the stage is {stage!r}; use "
            "https://api-stage.coniq.com or deploy as stage 'prod'"
        )
    if host in TEST_HOSTS and stage == PRODUCTION_STAGE:
        raise ConfigurationInvalid(
            f"base_url: {host} is Coniq's test system, where barcodes vanish; the stage 'prod' "
            "needs https://api.coniq.com (or https://api.r02.coniq.com in the US)"
        )
    return base_url.strip().rstrip("/")


def _is_production(host: str) -> bool:
    ours = any(host == domain or host.endswith(f".{domain}") for domain in PROVIDER_DOMAINS)
    return ours and host not in TEST_HOSTS
