"""A shell environment in which every variable that misleads a local process has a wrong value."""

from pathlib import Path

NOWHERE = "http://127.0.0.1:9"
MISSING = "/nowhere/at-all"

PROXIES: dict[str, str] = {
    name: NOWHERE
    for upper in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
    for name in (upper, upper.lower())
} | {"NO_PROXY": "example.com", "no_proxy": "example.com"}

CERTIFICATES: dict[str, str] = dict.fromkeys(
    (
        "AWS_CA_BUNDLE",
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "NODE_EXTRA_CA_CERTS",
    ),
    MISSING,
)

AWS: dict[str, str] = {
    "AWS_PROFILE": "no-such-profile",
    "AWS_DEFAULT_PROFILE": "no-such-profile",
    "AWS_REGION": "us-gov-east-1",
    "AWS_DEFAULT_REGION": "cn-north-1",
    "AWS_CONFIG_FILE": MISSING,
    "AWS_SHARED_CREDENTIALS_FILE": MISSING,
    "AWS_ACCESS_KEY_ID": "of-another-project",
    "AWS_SECRET_ACCESS_KEY": "of-another-project",
    "AWS_SESSION_TOKEN": "of-another-project",
    "AWS_ENDPOINT_URL": NOWHERE,
    "AWS_ENDPOINT_URL_SQS": NOWHERE,
    "AWS_ENDPOINT_URL_DYNAMODB": NOWHERE,
    "AWS_USE_FIPS_ENDPOINT": "true",
    "AWS_USE_DUALSTACK_ENDPOINT": "true",
    "AWS_MAX_ATTEMPTS": "none",
    "AWS_RETRY_MODE": "no-such-mode",
    "AWS_DATA_PATH": MISSING,
}

# Read by an interpreter when it starts: the first three end it there.
FATAL_TO_PYTHON: dict[str, str] = {
    "PYTHONHOME": MISSING,
    "PYTHONHASHSEED": "not-a-number",
    "PYTHONTRACEMALLOC": "not-a-number",
    "PYTHONINSPECT": "1",
    "PYTHONPLATLIBDIR": "nowhere",
}
PYTHON: dict[str, str] = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "ascii",
    "PYTHONOPTIMIZE": "2",
    "PYTHONSAFEPATH": "1",
    "PYTHONSTARTUP": MISSING,
    "PYTHONUTF8": "0",
    "PYTHONWARNINGS": "error",
    "VIRTUAL_ENV": MISSING,
    "CONDA_PREFIX": MISSING,
}

TOOLS: dict[str, str] = {
    "CDK_CONTEXT_JSON": '{"stage": "prod"}',
    "CDK_OUTDIR": MISSING,
    "CDPATH": MISSING,
    "JSII_NODE": MISSING,
    "JSII_RUNTIME": MISSING,
    "LANG": "xx_YY.ISO-8859-1",
    "LC_ALL": "xx_YY.ISO-8859-1",
    "MAKEFLAGS": "-j4",
    "NODE_OPTIONS": "--no-such-option",
    "NODE_PATH": MISSING,
    "PYTEST_ADDOPTS": "--no-such-option",
    "TZ": "Mars/Olympus",
    "WEB_CONCURRENCY": "auto",
    "UV_EXCLUDE_NEWER": "2001-01-01",
    "UV_NO_BINARY": "1",
    "UV_PROJECT_ENVIRONMENT": MISSING,
    "UV_PYTHON": "2.7",
    "WORKERS": "many",
}

# For the command that a user types, and not for the processes that a local stage starts.
OUR_COMMAND: dict[str, str] = {
    "COUPONBUS_STAGE": "prod",
    "COUPONBUS_WEBHOOK_SECRET": "of-another-project",
}

# Variables with which a command must still run when a user starts its interpreter.
SHELL: dict[str, str] = {**PROXIES, **CERTIFICATES, **AWS, **PYTHON, **TOOLS, "HOME": MISSING}


def shadowed(folder: Path) -> dict[str, str]:
    """Return a PYTHONPATH whose modules end the process that imports them."""
    folder.mkdir()
    for name in ("boto3", "couponbus_sandbox", "couponbus_cli", "pydantic", "sitecustomize"):
        (folder / f"{name}.py").write_text("raise SystemExit('this is not yours')\n")
    return {"PYTHONPATH": str(folder)}
