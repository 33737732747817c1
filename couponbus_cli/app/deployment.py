"""Settings of the deployed functions that commands need: accounts and their limits."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from couponbus.domain.issuing.account import Account
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

    from couponbus.providers.koupon.account import KouponAccount


class LambdaDeployment:
    """Reads the environment variables of the deployed functions that call providers."""

    def __init__(self, *, client: "LambdaClient", target: Target) -> None:
        self._client = client
        self._target = target

    def accounts(self) -> frozenset[str]:
        """Return the names of the Coniq accounts. Raises ClientError, Failed."""
        with _described(self._target.part("issue_barcodes")) as name:
            listed = json.loads(self._settings(name)["CONIQ_ACCOUNTS"])
            return frozenset(str(account["name"]) for account in listed)

    def coniq_accounts(self) -> Sequence[Account]:
        """Return the Coniq accounts with all their settings. Raises ClientError, Failed."""
        with _described(self._target.part("issue_barcodes")) as name:
            accounts = TypeAdapter(tuple[Account, ...])
            return accounts.validate_json(self._settings(name)["CONIQ_ACCOUNTS"])

    def koupon_accounts(self) -> "Sequence[KouponAccount]":
        """Return the Koupon accounts with all their settings. Raises ClientError, Failed."""
        # Only a look-up at Koupon needs its settings, and with them an HTTP client.
        from couponbus.providers.koupon.account import KouponAccount  # noqa: PLC0415

        with _described(self._target.part("poll_redemptions")) as name:
            accounts = TypeAdapter(tuple[KouponAccount, ...])
            return accounts.validate_json(self._settings(name)["KOUPON_ACCOUNTS"])

    def polled(self) -> Sequence[PollAccount]:
        """Return the accounts whose redemptions are polled. Raises ClientError, Failed."""
        with _described(self._target.part("poll_redemptions")) as name:
            settings = self._settings(name)
            return [
                _poll_account(provider, account)
                for provider in Provider
                for account in json.loads(settings[f"{provider.upper()}_ACCOUNTS"])
            ]

    def provider_urls(self) -> Mapping[str, str]:
        """Return the URL of each account, by provider and name. Raises ClientError, Failed."""
        with _described(self._target.part("issue_barcodes")) as name:
            found = {"coniq": json.loads(self._settings(name)["CONIQ_ACCOUNTS"])}
        with _described(self._target.part("poll_redemptions")) as name:
            settings = self._settings(name)
            for provider in Provider:
                found[provider] = json.loads(settings[f"{provider.upper()}_ACCOUNTS"])
        return {
            f"{provider} {account['name']}": str(account["base_url"])
            for provider, accounts in found.items()
            for account in accounts
        }

    def _settings(self, name: str) -> Mapping[str, str]:
        answer = self._client.get_function_configuration(FunctionName=name)
        return answer.get("Environment", {}).get("Variables", {})


@contextmanager
def _described(function: str) -> Iterator[str]:
    """Turn missing or unreadable settings, those of another version, into a Failed."""
    try:
        yield function
    except (KeyError, TypeError, ValueError):
        text = f"{function} does not say which accounts it has: deploy this version of couponbus"
        raise Failed(text, kind="unreachable", code=UNREACHABLE) from None


def _poll_account(provider: Provider, account: Mapping[str, object]) -> PollAccount:
    per_day = account["calls_per_day"]
    return PollAccount(
        provider=provider,
        name=str(account["name"]),
        calls_per_second=float(str(account["calls_per_second"])),
        calls_per_day=None if per_day is None else int(str(per_day)),
        max_interval_seconds=float(str(account["max_interval_seconds"])),
    )
