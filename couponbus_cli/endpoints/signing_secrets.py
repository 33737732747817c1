"""The signing secrets of a stage's endpoints, changed with an optimistic lock."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from couponbus.aws.ledger.errors import CallFailed, code_of
from couponbus.aws.webhooks.signing_keys import SigningSecrets, document_of, text_of
from couponbus.domain.errors import SecretUnavailable
from couponbus.ports.shared import Clock
from couponbus_cli.app.failing import UNREACHABLE, Failed

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

PART = "webhooks"
LIMIT = 65_536  # bytes of a secret's text
TRIES = 5
PAUSE = 0.5
VERSIONS = uuid.UUID("0b6c8a52-2c0c-5b0e-8a51-6a2c7f0f2f7e")
NOTHING_YET = "ResourceNotFoundException"
TAKEN = "ResourceExistsException"
OVERTAKEN = (
    "the secret of the webhooks was changed by another operator at each try: try again. If an"
    " older version of it was made the current one by hand, store its text once more, as a new"
    " version"
)

type Change = Callable[[SigningSecrets], SigningSecrets]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class _Read:
    """The stored document and its version."""

    document: SigningSecrets
    version: str


class StoredSigningSecrets:
    """One secret for all endpoints.

    Each version is named after the one that it replaces. Secrets Manager refuses to give a name
    to two texts, so of two operators who have read the same version only one can write, and the
    other reads again. The local engine does not refuse it, so what was stored is read back.
    """

    def __init__(self, *, client: "SecretsManagerClient", secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock

    def read(self) -> SigningSecrets:
        """Return what is stored. Raises SecretUnavailable, ConfigurationInvalid."""
        return self._read().document

    def change(self, change: Change) -> SigningSecrets:
        """Store the changed document and return it; nothing is written if nothing changes.

        Raises Failed, SecretUnavailable, ConfigurationInvalid.
        """
        for attempt in range(TRIES):
            if attempt:
                self._clock.sleep(PAUSE * attempt)
            before = self._read()
            after = dict(change(before.document))
            if after == before.document:
                return after
            if self._put(after, over=before.version) and self._read().document == after:
                return after
        raise Failed(OVERTAKEN, kind="conflict")

    def _read(self) -> _Read:
        try:
            answer = self._client.get_secret_value(SecretId=self._secret_id)
        except ClientError as error:
            if code_of(error) != NOTHING_YET:
                raise SecretUnavailable(f"{self._secret_id}: {code_of(error)}") from None
            # The secret exists without a text; if it does not exist at all, the write will fail.
            return _Read(document={}, version="")
        except CallFailed as error:
            raise SecretUnavailable(f"{self._secret_id}: {code_of(error)}") from None
        text = answer.get("SecretString", "")
        return _Read(document=document_of(text) if text else {}, version=answer["VersionId"])

    def _put(self, document: SigningSecrets, *, over: str) -> bool:
        """Store it; False if another operator was faster. Raises Failed, SecretUnavailable."""
        text = text_of(document)
        if len(text.encode()) > LIMIT:
            problem = f"the secret {self._secret_id} is full: remove endpoints that are not needed"
            raise Failed(problem, kind="too_many")
        token = str(uuid.uuid5(VERSIONS, f"{self._secret_id}:{over}"))
        try:
            self._client.put_secret_value(
                SecretId=self._secret_id, SecretString=text, ClientRequestToken=token
            )
        except CallFailed as error:
            if code_of(error) == TAKEN:
                return False
            if code_of(error) == NOTHING_YET:
                text = f"the secret {self._secret_id} does not exist here: is the stage deployed?"
                raise Failed(text, kind="unreachable", code=UNREACHABLE) from None
            raise SecretUnavailable(f"{self._secret_id}: {code_of(error)}") from None
        return True
