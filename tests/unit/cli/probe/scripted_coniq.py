"""A Coniq that answers the questions of a probe by a script."""

from couponbus.domain.issuing.barcode import Channel
from couponbus.providers.http.transport import HttpAnswer
from couponbus_cli.probe.coniq import probe_coniq
from couponbus_cli.probe.coniq_calls import Sample
from couponbus_cli.probe.coniq_issuing import IssueRequests
from couponbus_cli.probe.findings import Finding
from tests.unit.cli.probe.scripted import Answered, Request, Script, answered, caller

SAMPLE = Sample(customer_id=7, offer_id=101, email="ann@example.test")
REQUESTS = IssueRequests(sample=SAMPLE, channel=Channel.PAPER, run="0" * 32)
ITEM = {"barcode_number": "2400", "offer_id": 101, "customer_id": 7, "tracking_code": "t1"}
STRANGER = {**ITEM, "customer_id": 8}
BAD = answered({"code": 400, "message": "no", "errors": []}, status=400)


def found(script: Script, *, requests: IssueRequests | None = None) -> dict[str, Finding]:
    findings = probe_coniq(
        caller(script),
        base_url="http://127.0.0.1:1",
        api_key="test-key-not-real",
        sample=SAMPLE,
        requests=requests,
    )
    return {each.name: each for each in findings}


def verdict_on(findings: dict[str, Finding], name: str) -> tuple[str, str]:
    return findings[name].verdict.value, findings[name].evidence


def always(answer: HttpAnswer) -> Script:
    return lambda _asked: answer


def known(*items: object, nothing: HttpAnswer | None = None) -> Script:
    """Answer with these items to a query without an impossible criterion."""

    def script(request: Request) -> Answered:
        if "not-a-key" in request.headers["Authorization"]:
            return answered({"message": "no"}, status=403)
        invalid = ("2147483647", "unknown.invalid", "probe-nothing")
        if any(part in value for value in request.query.values() for part in invalid):
            return nothing or answered([])
        return answered(list(items))

    return script
