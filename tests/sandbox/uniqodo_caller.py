"""A caller of the simulated Uniqodo, for the tests of the simulator."""

from urllib.parse import quote

import requests

from couponbus_sandbox.uniqodo import ONE_USE

KEY = "test-key-not-real"

type Json = dict[str, object]


class UniqodoCaller:
    """Sends what Uniqodo accepts unless a test changes it."""

    def __init__(self, url: str, *, key: str = KEY) -> None:
        self.url = url
        self._key = quote(key, safe="")

    def query(
        self, user_id: str | None, *, promotion: str = ONE_USE, prefix: str = "publisher"
    ) -> requests.Response:
        path = f"/{prefix}/{self._key}/query/user-redemption/{promotion}"
        params = {} if user_id is None else {"userId": user_id}
        return requests.get(self.url + path, params=params, timeout=10)

    def code(self, offer: object, **params: str) -> Json:
        answer = requests.get(f"{self.url}/code/{self._key}/{offer}", params=params, timeout=10)
        assert answer.status_code == 200
        return _object(answer)

    def shop(
        self, what: str, code: object, *, merchant: str = "1", how: str = "POST", **given: str
    ) -> Json:
        url = f"{self.url}/{what}/{self._key}/{code}/{quote(merchant, safe='')}"
        sent = {"data": given} if how == "POST" else {"params": given}
        answer = requests.request(how, url, timeout=10, **sent)  # type: ignore[arg-type]
        assert answer.status_code == 200
        return _object(answer)

    def control(self, method: str, name: str, body: object = None) -> requests.Response:
        return requests.request(method, f"{self.url}/_sandbox/{name}", json=body, timeout=10)


def records_of(answer: requests.Response) -> list[Json]:
    place = answer.json()["data"]
    found: list[Json] = place.get("redemption", place)["records"]
    return found


def messages_of(answer: Json) -> list[object]:
    errors = answer["errors"]
    assert isinstance(errors, list)
    return [error["message"] for error in errors]


def data_of(answer: Json) -> Json:
    data = answer["data"]
    assert isinstance(data, dict)
    return data


def _object(answer: requests.Response) -> Json:
    body = answer.json()
    assert isinstance(body, dict)
    return body
