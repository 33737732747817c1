"""The AWS session of a local stage, independent of the shell and of the user's configuration."""

import os

from botocore.config import Config
from botocore.session import Session

FILES = ("config_file", "credentials_file")


def loopback_session(*, access_key_id: str, secret_access_key: str, region: str) -> Session:
    """Return a session for clients that are given an endpoint on this machine.

    It reads no profile, no file in the home folder, no `AWS_...` variable and no proxy: each of
    them could send a client away from loopback, or stop it.
    """
    session = Session(
        session_vars={
            name: (None, None, os.devnull if name in FILES else default, convert)
            for name, (_, _, default, convert) in Session.SESSION_VARIABLES.items()
        }
    )
    session.set_default_client_config(Config(proxies={}))
    session.set_credentials(access_key_id, secret_access_key)
    session.set_config_variable("region", region)
    return session
