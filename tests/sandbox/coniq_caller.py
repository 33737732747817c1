"""A caller of the simulated Coniq, for the tests of the simulator."""

from itertools import count

import requests

DEFAULT_KEY = "test-key-not-real"
_customer_ids = count(1)


def any_item(**changes: object) -> dict[str, object]:
    item = {"offer_id": 101, "customer_id": next(_customer_ids), "channel": "MAIL"}
    return {**item, **changes}


def any_items(number: int) -> list[dict[str, object]]:
    items = [any_item() for _ in range(number)]
    return [{**item, "tracking_code": f"code-{item['customer_id']}"} for item in items]


class Caller:
    """Sends what Coniq accepts unless a test changes it."""

    def __init__(self, url: str, *, api_key: str = DEFAULT_KEY) -> None:
        self.url = url
        self.headers = {"Authorization": f'ApiKey key="{api_key}"', "x-api-version": "2.0"}

    def get(self, path: str, **query: object) -> requests.Response:
        params = {name: str(value) for name, value in query.items()}
        return requests.get(self.url + path, params=params, headers=self.headers, timeout=10)

    def post(self, path: str, body: object, *, timeout: float = 10) -> requests.Response:
        return requests.post(
            self.url + path,
            json=body,
            headers=self.headers,
            timeout=timeout,
            allow_redirects=False,
        )

    def issue(self, **changes: object) -> requests.Response:
        return self.post("/barcode", any_item(**changes))

    def batch(self, items: object, *, timeout: float = 10) -> requests.Response:
        return self.post("/barcode/batch", items, timeout=timeout)

    def control(self, method: str, name: str, body: object = None) -> requests.Response:
        return requests.request(method, f"{self.url}/_sandbox/{name}", json=body, timeout=10)
