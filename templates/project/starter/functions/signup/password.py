"""Keeps passwords as bcrypt hashes."""

import os

import bcrypt

MIN_LENGTH = int(os.environ.get("MIN_LENGTH", "12"))
MAX_BYTES = 72  # bcrypt does not look further


def handler(event, context):
    """{"password": ...} gives its hash; with {"hash": ...} as well, whether the two belong together."""
    password = event["password"].encode()
    if len(password) > MAX_BYTES:
        raise ValueError(f"a password has at most {MAX_BYTES} bytes")
    if "hash" in event:
        return {"valid": bcrypt.checkpw(password, event["hash"].encode())}
    if len(event["password"]) < MIN_LENGTH:
        raise ValueError(f"a password has at least {MIN_LENGTH} characters")
    return {"hash": bcrypt.hashpw(password, bcrypt.gensalt(10)).decode()}
