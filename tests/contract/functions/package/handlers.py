# SPDX-License-Identifier: Apache-2.0
"""A handler inside a package, with relative imports."""

from . import GREETING
from .words import join


def handler(event, context):
    return join(GREETING, event["name"])
