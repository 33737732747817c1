"""Asks and judges, one check after the other; one that cannot be answered stops no other."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from couponbus_cli.app.answer import unexpected
from couponbus_cli.app.failing import NO_ACCESS, failure_of
from couponbus_cli.doctor import account_checks, stage_checks
from couponbus_cli.doctor.answers import Answers
from couponbus_cli.doctor.finding import Finding, Said, unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A question with its judgement, and the right that it takes."""

    name: str
    right: str
    say: Callable[[], Said]

    def finding(self) -> Finding:
        """Return what it says, or why that is not known."""
        try:
            return self.say().named(self.name)
        except Exception as error:  # one check of many: a fault of ours is a line, too
            failed = failure_of(error) or unexpected(error)
            denied = str(failed).startswith(NO_ACCESS.partition(" (")[0])
            text = f"{failed}; needed: {self.right}" if denied else str(failed)
            return unknown(text).named(self.name)


@dataclass(frozen=True)
class Examination:
    """The checks of a stage; what several of them need is asked once."""

    answers: Answers
    place: str
    qualifier: str

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """Return all checks, in the order of the answer."""
        ask = self.answers
        account, stacks, triggers = cache(ask.account), cache(ask.stacks), cache(ask.triggers)
        said: Mapping[str, tuple[str, Callable[[], Said]]] = {
            "account": (
                "valid credentials",
                lambda: account_checks.judge_account(account()),
            ),
            "clock": ("valid credentials", lambda: account_checks.judge_clock(account())),
            "bootstrap": ("ssm:GetParameter on /cdk-bootstrap/*", self._bootstrap),
            "concurrency": (
                "lambda:GetAccountSettings, GetFunctionConcurrency and ListEventSourceMappings",
                lambda: account_checks.judge_concurrency(ask.concurrency(), triggers()),
            ),
            "quotas": ("servicequotas:GetServiceQuota", self._quotas),
            "stacks": (
                "cloudformation:DescribeStacks",
                lambda: stage_checks.judge_stacks(stacks()),
            ),
            "secrets": (
                "secretsmanager:ListSecrets",
                lambda: stage_checks.judge_secrets(ask.secrets()),
            ),
            "alarms": ("sns:ListSubscriptionsByTopic", self._alarms),
            "table": (
                "dynamodb:DescribeTable, DescribeTimeToLive and DescribeContinuousBackups",
                lambda: stage_checks.judge_table(
                    ask.table(), triggers(), deployable=self._of_a_table
                ),
            ),
            "triggers": (
                "lambda:ListEventSourceMappings and cloudformation:DescribeStacks",
                lambda: stage_checks.judge_triggers(triggers(), stacks()),
            ),
            "providers": ("cloudformation:GetTemplate", self._providers),
        }
        return tuple(Check(name=name, right=right, say=say) for name, (right, say) in said.items())

    def findings(self) -> Iterator[Finding]:
        """Yield what each check finds. Raises Failed, BotoCoreError where AWS is out of reach."""
        self.answers.account()
        for check in self.checks:
            yield check.finding()

    @property
    def _is_local(self) -> bool:
        return self.place == "local"

    @property
    def _of_a_table(self) -> Collection[str]:
        return stage_checks.ON_THE_ENGINE if self._is_local else stage_checks.OF_A_TABLE

    def _bootstrap(self) -> Said:
        if self._is_local:
            return unknown("the local engine needs no bootstrap")
        return account_checks.judge_bootstrap(self.answers.bootstrap_version(self.qualifier))

    def _quotas(self) -> Said:
        if self._is_local:
            return unknown("the local engine has no quotas")
        quotas = account_checks.QUOTAS
        ask = self.answers.quota
        return account_checks.judge_quotas(
            [(each, ask(each.service, each.code)) for each in quotas]
        )

    def _alarms(self) -> Said:
        return stage_checks.judge_alarms(self.answers.subscriptions())

    def _providers(self) -> Said:
        reached = cache(self.answers.reached)  # accounts share hosts, and one may take seconds
        return stage_checks.judge_providers(
            [(each, reached(each.url)) for each in self.answers.hosts()]
        )
