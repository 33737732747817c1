"""The environment of a measured process: an account that does not exist, and no file of a user."""

import os

AWS = {
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "test-key-not-real",
    "AWS_SECRET_ACCESS_KEY": "test-secret-not-real",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "NO_PROXY": "*",
}
