"""Exit codes, and one sentence instead of a traceback for each expected failure.

0  done, and all is well
1  something needs attention, or the input is not valid
2  usage error
3  the stage could not be reached
"""

from collections.abc import Mapping, Sequence

from botocore.exceptions import BotoCoreError, ClientError

from couponbus.aws.ledger.errors import code_of
from couponbus.domain.errors import (
    ConfigurationInvalid,
    CouponbusError,
    LedgerUnavailable,
    QueueUnavailable,
    SecretUnavailable,
    TransitionRefused,
)

type Json = Mapping[str, object]

FINE = 0
ATTENTION = 1
UNREACHABLE = 3


class Failed(Exception):
    """A command cannot continue; the text is for the operator, `kind` for programs."""

    def __init__(
        self, text: str, *, kind: str, code: int = ATTENTION, details: Sequence[Json] = ()
    ) -> None:
        super().__init__(text)
        self.kind = kind
        self.details = details
        self.code = code


NO_ACCESS = "access is denied ({code}): these credentials may not do this in this account"
NOT_DEPLOYED = "a part of the stage does not exist here ({code}): is it deployed, in this region?"
NO_CREDENTIALS = "no usable AWS credentials ({code}): log in, or set AWS_PROFILE"
NO_TRUST = "the TLS connection to AWS is not trusted ({code}): see AWS_CA_BUNDLE and HTTPS_PROXY"
NO_ANSWER = "AWS does not answer ({code})"
# What botocore cannot read is no answer of AWS; to import its class would cost each help its start.
NO_SERVICE = "ResponseParserError"
SENTENCES: Mapping[str, str] = {
    NO_SERVICE: "what answers is not AWS ({code}): a proxy, perhaps; see HTTPS_PROXY and NO_PROXY",
    "NoCredentialsError": NO_CREDENTIALS,
    "PartialCredentialsError": NO_CREDENTIALS,
    "CredentialRetrievalError": NO_CREDENTIALS,
    "ProfileNotFound": NO_CREDENTIALS,
    "SSOTokenLoadError": NO_CREDENTIALS,
    "TokenRetrievalError": NO_CREDENTIALS,
    "UnauthorizedSSOTokenError": NO_CREDENTIALS,
    "ExpiredToken": NO_CREDENTIALS,
    "ExpiredTokenException": NO_CREDENTIALS,
    "InvalidClientTokenId": NO_CREDENTIALS,
    "UnrecognizedClientException": NO_CREDENTIALS,
    "InvalidSignatureException": NO_CREDENTIALS,
    "SignatureDoesNotMatch": NO_CREDENTIALS,
    "NoRegionError": "no region ({code}): set AWS_REGION",
    "SSLError": NO_TRUST,
    "ProxyConnectionError": "the proxy does not answer ({code}): see HTTPS_PROXY and NO_PROXY",
    "AccessDenied": NO_ACCESS,
    "AccessDeniedException": NO_ACCESS,
    "ResourceNotFoundException": NOT_DEPLOYED,
    "ValidationError": NOT_DEPLOYED,  # of CloudFormation, for a stack that does not exist
    "QueueDoesNotExist": NOT_DEPLOYED,
    "AWS.SimpleQueueService.NonExistentQueue": NOT_DEPLOYED,
}


def failure_of(error: Exception) -> Failed | None:
    """Return the failure to show for an error, or None for an unexpected one."""
    match error:
        case Failed():
            found: Failed | None = error
        case BotoCoreError() | ClientError():
            found = _unreachable(code_of(error))
        case LedgerUnavailable() if error.broken:
            text = f"{error}: deploy the version that wrote it"
            found = Failed(text, kind="unreadable")
        case LedgerUnavailable() | QueueUnavailable() | SecretUnavailable():
            found = _unreachable(error.code.rpartition(":")[2] or str(error).rpartition(": ")[2])
        case ConfigurationInvalid():
            found = Failed(f"the configuration is invalid: {error}", kind="configuration_invalid")
        case TransitionRefused():
            found = Failed(f"{error}: this change is not allowed", kind="not_allowed")
        case CouponbusError():
            found = Failed(str(error), kind="failed")
        case _:
            found = _unreachable(NO_SERVICE) if code_of(error) == NO_SERVICE else None
    return found


def _unreachable(code: str) -> Failed:
    text = SENTENCES.get(code, NO_ANSWER).format(code=code)
    return Failed(text, kind="unreachable", code=UNREACHABLE)
