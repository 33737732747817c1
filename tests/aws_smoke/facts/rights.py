"""What the roles of functions may not do, asked with those roles; and what is in conflict."""

import itertools
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from tests.aws_smoke.cloud import Cloud
from tests.aws_smoke.fact import Verdict, fact

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef, TransactWriteItemTypeDef
DENIED = "AccessDenied"
DYNAMODB_RIGHTS = "amazondynamodb/latest/developerguide/specifying-conditions.html"
ROUNDS, AT_ONCE = 25, 8
ALLOWED, FOREIGN = "its own", "a foreign one"
type Answers = Mapping[str, str]  # the code of a refusal, or nothing, by what was tried
STATEMENTS_PAGE = "amazondynamodb/latest/developerguide/ql-iam.html"
SECRETS_PAGE = "secretsmanager/latest/userguide/auth-and-access_iam-policies.html"
CONFLICT_PAGE = "amazondynamodb/latest/developerguide/transaction-apis.html"


def judge_denied(answers: Answers) -> Verdict:
    """What may be done shows that the denial is of the key."""
    own, foreign = answers.get(ALLOWED, "not tried"), answers.get(FOREIGN, "")
    return Verdict(
        holds=DENIED not in own and own != "not tried" and DENIED in foreign,
        seen=f"{ALLOWED}: {own or 'allowed'}, {FOREIGN}: {foreign or 'allowed'}",
    )


@fact("rows", page=DYNAMODB_RIGHTS, judge=judge_denied, here="played")
def rows(cloud: Cloud) -> Answers:
    """The public function may write rows of its own kind, and no endpoint."""

    def put(kind: str) -> str:
        asked = {"TableName": cloud.names.base, "Item": _key(f"{kind}#smoke")}
        said = cloud.laboratory.probe("Callback", "dynamodb", "put_item", **asked)
        return _forgotten(cloud, f"{kind}#smoke", said)

    return {ALLOWED: put("RECEIPT"), FOREIGN: put("ENDPOINT")}


@fact("statements", page=STATEMENTS_PAGE, judge=judge_denied, here="played")
def statements(cloud: Cloud) -> Answers:
    """IAM sees the keys of PartiQL statements too."""

    def insert(kind: str) -> str:
        statement = {
            "Statement": f"""INSERT INTO "{cloud.names.base}" VALUE {{'pk':?,'sk':?}}""",
            "Parameters": [*_key(f"{kind}#statement").values()],
        }
        said = cloud.laboratory.probe(
            "Issuer", "dynamodb", "batch_execute_statement", Statements=[statement]
        )
        return _forgotten(cloud, f"{kind}#statement", said)

    return {ALLOWED: insert("ISSUANCE"), FOREIGN: insert("ENDPOINT")}


@fact("secrets", page=SECRETS_PAGE, judge=judge_denied, here="known")
def secrets(cloud: Cloud) -> Answers:
    """A function may read the keys of its own provider by name, and no other's."""

    def read(part: str) -> str:
        name = cloud.names.secret(part)
        return cloud.laboratory.probe("Issuer", "secretsmanager", "get_secret_value", SecretId=name)

    return {ALLOWED: read("coniq/main"), FOREIGN: read("uniqodo/main")}


def judge_conflicts(codes: Sequence[str]) -> Verdict:
    """The adapter reads this reason, and tries again."""
    return Verdict(
        holds="TransactionConflict" in codes,
        seen=f"refused: {', '.join(codes) or 'none'}, of {ROUNDS * AT_ONCE} transactions",
    )


@fact("conflict", page=CONFLICT_PAGE, judge=judge_conflicts, here="lacking")
def conflicts(cloud: Cloud) -> Sequence[str]:
    """Transactions on the same row are cancelled with the reason TransactionConflict."""
    # Write the same two rows by many at once, until AWS says that two were in conflict.
    table, client = cloud.laboratory.places["Rows"], cloud.access.dynamodb()

    def write(number: int) -> Sequence[str]:
        items: list[TransactWriteItemTypeDef] = [
            {
                "Put": {
                    "TableName": table,
                    "Item": {"pk": {"S": "one"}, "sk": {"S": row}, "n": {"N": str(number)}},
                }
            }
            for row in ("a", "b")
        ]
        try:
            client.transact_write_items(TransactItems=items)
        except client.exceptions.TransactionCanceledException as cancelled:
            reasons = cancelled.response.get("CancellationReasons", [])
            return [each.get("Code", "") for each in reasons if each.get("Code") != "None"]
        except ClientError as error:
            return [error.response["Error"]["Code"]]
        return []

    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = pool.map(write, range(ROUNDS * AT_ONCE))
        return sorted(set(itertools.chain.from_iterable(answers)))


def _key(pk: str) -> "dict[str, AttributeValueTypeDef]":
    return {"pk": {"S": pk}, "sk": {"S": "ROW"}}


def _forgotten(cloud: Cloud, pk: str, said: str) -> str:
    """Delete what may have been written, which no function could read, and return what was said."""
    cloud.access.dynamodb().delete_item(TableName=cloud.names.base, Key=_key(pk))
    return said


FACTS = (rows, statements, secrets, conflicts)
