"""A caller of the simulated Koupon that signs as Koupon documents it, for its tests."""

import hashlib
import hmac
import time

import requests

SIGNED = {"Accept": "application/json"}


def signature(url: str, *, secret: str = "test-secret") -> str:
    return hmac.new(secret.encode(), url.encode(), hashlib.sha1).hexdigest()


class KouponCaller:
    """Sends what Koupon accepts unless a test changes it."""

    def __init__(self, url: str, *, public_url: str | None = None) -> None:
        self.url = url
        self.public_url = public_url or url

    def target(self, path: str, *, at: float | None = None, secret: str = "test-secret") -> str:
        """Return path and query with a signature."""
        joint = "&" if "?" in path else "?"
        moment = int(time.time() if at is None else at)
        unsigned = f"{path}{joint}identifier=test-identifier&timestamp={moment}"
        return f"{unsigned}&authSignature={signature(self.public_url + unsigned, secret=secret)}"

    def get(self, path: str, **headers: str) -> requests.Response:
        return self.raw(self.target(path), **headers)

    def raw(self, target: str, *, method: str = "GET", **headers: str) -> requests.Response:
        """Send a target as it is."""
        return requests.request(
            method, self.url + target, headers={**SIGNED, **headers}, timeout=10
        )

    def send(self, method: str, path: str, body: object = None) -> requests.Response:
        """Send a signed POST or PUT."""
        url = self.url + self.target(path)
        return requests.request(method, url, json=body, headers=SIGNED, timeout=10)

    def till(self, name: str, body: object) -> requests.Response:
        return requests.post(f"{self.url}/v1/transaction/{name}", json=body, timeout=10)

    def control(self, method: str, name: str, body: object = None) -> requests.Response:
        return requests.request(method, f"{self.url}/_sandbox/{name}", json=body, timeout=10)

    def offer_ids(self, query: str = "", *, consumer: str = "ann") -> list[object]:
        answer = self.get(f"/v2/{consumer}/offers{query}").json()
        return [offer["offerId"] for offer in answer["Offers"]]
