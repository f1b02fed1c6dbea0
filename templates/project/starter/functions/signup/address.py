"""Checks e-mail addresses before an account is made."""

from pathlib import Path

import idna

# Read once, when the instance starts. The file is packaged with the module.
DISPOSABLE = frozenset((Path(__file__).parent / "disposable_domains.txt").read_text(encoding="utf-8").split())


def handler(event):
    """{"address": ...} gives it with the domain in its ASCII form, and whether it is a throw-away one."""
    name, at, domain = event["address"].strip().rpartition("@")
    if not at or not name or "." not in domain:
        raise ValueError(f"{event['address']!r} is no e-mail address")
    domain = idna.encode(domain, uts46=True).decode()
    labels = domain.split(".")
    parents = {".".join(labels[i:]) for i in range(len(labels))}
    return {"address": f"{name}@{domain}", "disposable": not DISPOSABLE.isdisjoint(parents)}
