"""Clients whose connections are opened while a function starts, when it has more CPU than later."""

import logging
import threading
from typing import TYPE_CHECKING

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError

from couponbus.aws.clients import Clients

if TYPE_CHECKING:
    from botocore.client import BaseClient

logger = logging.getLogger(__name__)


class EarlyClients(Clients):
    """Each client connects as it is made, on a thread of its own that nothing waits for."""

    def _client(self, service: str) -> "BaseClient":
        client = super()._client(service)
        thread = threading.Thread(
            target=_connect, args=(client,), name=f"connect-{service}", daemon=True
        )
        thread.start()
        return client


def _connect(client: "BaseClient") -> None:
    """Leave a connection in the pool of a client, for its first call.

    What is asked is signed by no key and names no operation: whatever the answer is, it bills
    nothing. Without one the first call opens the connection, as it would have.
    """
    request = AWSRequest(method="GET", url=client.meta.endpoint_url).prepare()
    try:
        client._endpoint.http_session.send(request)  # type: ignore[attr-defined]
    except BotoCoreError as error:
        details = {
            "service": client.meta.service_model.service_name,
            "error": type(error).__name__,
        }
        logger.warning("not_connected_at_start", extra=details)
