# SPDX-License-Identifier: Apache-2.0
"""Calls the user's function the way pyfOps promises: handler(event) or handler(event, context)."""

import importlib
import inspect

_handler = getattr(importlib.import_module("{{module}}"), "{{callable}}")
_wants_context = len(inspect.signature(_handler).parameters) > 1


def handler(event, context):
    return _handler(event, context) if _wants_context else _handler(event)
