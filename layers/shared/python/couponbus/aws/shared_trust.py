"""One TLS context for all clients, which reads its file of authorities once.

botocore names the file for each connection, and urllib3 then reads all of it again: that was nearly
all of the CPU of a new connection (docs/performance.md#aws-client).
"""

import ssl
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.client import BaseClient


class SharedTrust(ssl.SSLContext):
    """Verifies certificates and host names, from TLS 1.2 on; botocore says by which file."""

    def __new__(cls) -> "SharedTrust":
        """Trust no authority yet."""
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self) -> None:
        self.hostname_checks_common_name = False
        self._lock = threading.Lock()
        self._read: tuple[object, ...] | None = None

    def load_verify_locations(
        self, cafile: object = None, capath: object = None, cadata: object = None
    ) -> None:
        """Read the file unless it was read before. Raises SSLError for another one."""
        named = (cafile, capath, cadata)
        with self._lock:
            if self._read is None:
                super().load_verify_locations(*named)  # type: ignore[arg-type]
                self._read = named
            elif self._read != named:
                raise ssl.SSLError("one context cannot trust the authorities of two files")

    def share_with(self, client: "BaseClient") -> None:
        """Let this client make its connections with this context, but those through a proxy.

        botocore has no parameter for it: a version without these attributes fails here, and one
        that goes by another way fails the test of the file that is read once.
        """
        endpoint = client._endpoint  # type: ignore[attr-defined]
        endpoint.http_session._manager.connection_pool_kw["ssl_context"] = self
