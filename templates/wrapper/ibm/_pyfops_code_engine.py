# SPDX-License-Identifier: Apache-2.0
"""Entry point on IBM Cloud Code Engine: adapts arguments, context and answer. Python 3.9 syntax."""

import base64
import json
import os
import re
import sys
import time

_HERE = os.path.dirname(os.path.abspath(__file__))
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

import _pyfops_function  # noqa: E402
import _pyfops_runtime as runtime  # noqa: E402

_MEMORY_MB = int(os.environ.get("PYFOPS_MEMORY_MB") or 0)
_TIMEOUT = float(os.environ.get("PYFOPS_TIMEOUT") or 60)
_FUNCTION = runtime.Function(_pyfops_function.MODULE, _pyfops_function.CALLABLE)
# Numbers of so many digits do not survive a reader that makes doubles of them.
_LONG_NUMBER = re.compile(r"\d{16}")


def _header(args, name):
    for key, value in (args.get("__ce_headers") or {}).items():
        if key.lower() == name:
            return value if isinstance(value, str) else str(value)
    return ""


def _context(args, started):
    return runtime.Context(
        provider="ibm",
        region=os.environ.get("CE_REGION", ""),
        function_name=os.environ.get("CE_FUNCTION", ""),
        memory_mb=_MEMORY_MB,
        request_id=_header(args, "x-faas-activation-id") or _header(args, "x-request-id"),
        deadline=started + _TIMEOUT,
        cold_start=_FUNCTION.take_cold(),
        native=args,
    )


def _is_text(kind):
    return kind.startswith("text/") or kind.startswith("application/x-www-form-urlencoded")


def _body(args):
    body = args.get("__ce_body")
    if not body:
        return ""
    if not _is_text(_header(args, "content-type").lower()):
        return base64.b64decode(body)
    try:
        json.loads(body)
        return body
    except ValueError:
        pass
    # Text comes with its quotes, backslashes and line ends escaped.
    try:
        return json.loads('"%s"' % body)
    except ValueError:
        return body


def _query(args):
    from urllib.parse import parse_qsl

    query = {}
    for name, value in parse_qsl(args.get("__ce_query") or "", keep_blank_values=True):
        query[name] = query[name] + "," + value if name in query else value
    return query


def _answer(status, headers, text):
    """As application/json Code Engine takes objects and lists, and writes them anew; everything else, and what
    could be changed by that, goes as text."""
    headers = {name: value for name, value in headers.items() if name.lower() != "content-type"}
    if text[:1] in ("{", "[") and not _LONG_NUMBER.search(text):
        headers["Content-Type"] = "application/json"
        return {"statusCode": status, "headers": headers, "body": json.loads(text)}
    headers["Content-Type"] = "text/plain; charset=utf-8"
    return {"statusCode": status, "headers": headers, "body": text}


def main(args):
    """What Code Engine calls."""
    context = _context(args, time.time())
    return _answer(*runtime.http_call(_FUNCTION, _body(args), _query(args), context))
