"""The page on a port of this machine, and requests to it as a browser sends them."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from couponbus_cli.page.server import server_of
from couponbus_cli.page.site import Site

KEY = "a-key-that-is-not-real"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An answer; names of headers are lower case."""

    status: int
    headers: Mapping[str, str]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A page that listens."""

    port: int

    @property
    def url(self) -> str:
        """What the command prints."""
        return f"http://127.0.0.1:{self.port}/?key={KEY}"

    @property
    def cookie(self) -> str:
        """What a browser has after it was let in."""
        return f"couponbus_page_{self.port}={KEY}"

    def ask(
        self, path: str = "/", *, method: str = "GET", body: str = "", **headers: str
    ) -> Answered:
        """Send a request; a header that is given with an empty text is left out."""
        usual = {"Host": f"127.0.0.1:{self.port}", "Cookie": self.cookie}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {name: value for name, value in {**usual, **named}.items() if value}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        with contextlib.closing(connection):
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            if body:
                connection.putheader("Content-Type", "application/x-www-form-urlencoded")
                connection.putheader("Content-Length", str(len(body.encode())))
            connection.endheaders(body.encode() or None)
            answer = connection.getresponse()
            text = answer.read().decode()
            names = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(status=answer.status, headers=names, text=text)

    def search(self, body: str, **headers: str) -> Answered:
        """Send the form."""
        from_page = {"Sec_Fetch_Site": "same-origin", **headers}
        return self.ask("/search", method="POST", body=body, **from_page)


@contextlib.contextmanager
def serving(site: Site) -> Iterator[Served]:
    """Serve a page while the block runs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        server = server_of(site.guarded(port=port, key=KEY))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        try:
            yield Served(port=port)
        finally:
            server.should_exit = True
            thread.join()
