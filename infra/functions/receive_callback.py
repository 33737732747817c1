"""Authenticate callers over HTTP, deduplicate their requests, and enqueue them."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from couponbus_config.stage import StageConfig
from infra.declared import Function, HttpTrigger, StageResources, counts, event
from infra.permissions import pepper, read_secrets, send, use_ledger
from infra.settings import ledger, pepper_id, queue_urls
from infra.stacks.state import State


def _sign_ups_secret(given: StageResources) -> Mapping[str, str]:
    return {"SIGN_UPS_SECRET_ID": given.state.sign_ups_secret.secret_arn}


def _callers(given: StageResources) -> Mapping[str, str]:
    secrets = given.state.callback_secrets
    callbacks = [
        {
            "name": account.identity,
            "secret_id": secrets[account.identity].plain_name,
            **asdict(account.callbacks),
        }
        for account in given.stage.uniqodo_accounts
    ]
    return {
        "PRODUCERS": json.dumps(
            [
                {
                    "name": producer.identity,
                    "secret_id": given.state.producer_secrets[producer.identity].plain_name,
                    "tenants": producer.tenants,
                }
                for producer in given.stage.producers
            ]
        ),
        "UNIQODO_CALLBACKS": json.dumps(callbacks),
    }


def _secrets_of_callers(state: State) -> Iterable[str]:
    named = (*state.producer_secrets.values(), *state.callback_secrets.values())
    return (state.sign_ups_secret.secret_arn, *(each.readable for each in named))


def _limits(stage: StageConfig) -> Mapping[str, tuple[int, int]]:
    """Return the limits of each path; those of a producer are its own."""
    shared = (stage.callback_rate, stage.callback_burst)
    own = {f"/sign-ups/{each.identity}": (each.rate, each.burst) for each in stage.producers}
    return {"/sign-ups": shared, "/callbacks/uniqodo/{secret}": shared, **own}


FUNCTION = Function(
    name="receive_callback",
    memory_mb=512,
    timeout_seconds=28,  # before API Gateway gives up, which it does after 29
    triggers=(HttpTrigger(api="callbacks", limits=_limits),),
    settings=(ledger, queue_urls("signups", "polls"), pepper_id, _sign_ups_secret),
    filed=(_callers,),
    permissions=(
        *use_ledger("receive_callback"),
        read_secrets(pepper, _secrets_of_callers),
        send("signups", "polls"),
    ),
    alarms=(
        *counts(
            Misconfigured="A secret of callers is invalid: see the log",
            UnexpectedErrors="A request failed on an error of ours: the log has its class",
        ),
        # One caller may do these by mistake now and then, but not this often in five minutes.
        event(
            "RefusedForged",
            above=20,
            why="Sign-ups with a wrong signature: a producer with an old secret, or none",
        ),
        event(
            "UnknownCallbacks",
            above=100,
            why="A caller uses an unknown secret, or a provider an old one",
        ),
        event(
            "Unreachable",
            above=5,
            why="Requests are answered 503, as a queue or a secret cannot be reached",
        ),
    ),
)
