"""Settings of the deployed stage that commands need: accounts and their limits."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from couponbus.domain.issuing.account import Account
from couponbus.domain.polling.budget import PollAccount
from couponbus.domain.provider import Provider
from couponbus_cli.app.failing import UNREACHABLE, Failed
from couponbus_cli.app.stage import Target

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient

    from couponbus.providers.koupon.account import KouponAccount


class StackDeployment:
    """Reads the accounts that the deployed stack of the functions names in its metadata, once."""

    def __init__(self, *, client: "CloudFormationClient", target: Target) -> None:
        self._client = client
        self._stack = target.part("workers")

    def accounts(self) -> frozenset[str]:
        """Return the names of the Coniq accounts. Raises ClientError, Failed."""
        with self._described():
            return frozenset(str(account["name"]) for account in self._listed("CONIQ"))

    def coniq_accounts(self) -> Sequence[Account]:
        """Return the Coniq accounts with all their settings. Raises ClientError, Failed."""
        with self._described():
            return TypeAdapter(tuple[Account, ...]).validate_python(self._listed("CONIQ"))

    def koupon_accounts(self) -> "Sequence[KouponAccount]":
        """Return the Koupon accounts with all their settings. Raises ClientError, Failed."""
        # Only a look-up at Koupon needs its settings, and with them an HTTP client.
        from couponbus.providers.koupon.account import KouponAccount  # noqa: PLC0415

        with self._described():
            return TypeAdapter(tuple[KouponAccount, ...]).validate_python(self._listed("KOUPON"))

    def polled(self) -> Sequence[PollAccount]:
        """Return the accounts whose redemptions are polled. Raises ClientError, Failed."""
        with self._described():
            return [
                _poll_account(provider, account)
                for provider in Provider
                for account in self._listed(provider.upper())
            ]

    def provider_urls(self) -> Mapping[str, str]:
        """Return the URL of each account, by provider and name. Raises ClientError, Failed."""
        with self._described():
            return {
                f"{provider} {account['name']}": str(account["base_url"])
                for provider in ("coniq", *Provider)
                for account in self._listed(provider.upper())
            }

    def _listed(self, provider: str) -> Sequence[Mapping[str, object]]:
        listed: Sequence[Mapping[str, object]] = json.loads(self._accounts[f"{provider}_ACCOUNTS"])
        return listed

    @cached_property
    def _accounts(self) -> Mapping[str, str]:
        body: Any = self._client.get_template(StackName=self._stack)["TemplateBody"]
        template = json.loads(body) if isinstance(body, str) else body
        accounts: Mapping[str, str] = template["Metadata"]["couponbus"]
        return accounts

    @contextmanager
    def _described(self) -> Iterator[None]:
        """Turn missing or unreadable settings, those of another version, into a Failed."""
        try:
            yield
        except (KeyError, TypeError, ValueError):
            text = (
                f"{self._stack} does not say which accounts it has: deploy this version of"
                " couponbus"
            )
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
