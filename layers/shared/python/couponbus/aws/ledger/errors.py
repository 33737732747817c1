"""Why a call to AWS failed, in a word that holds nothing of what was sent."""

from botocore.exceptions import BotoCoreError, ClientError

CallFailed = (BotoCoreError, ClientError)


def code_of(error: Exception) -> str:
    """Return the service's error code, or the kind of a failure without an answer."""
    if isinstance(error, ClientError):
        return str(error.response.get("Error", {}).get("Code", "Unknown"))
    return type(error).__name__
