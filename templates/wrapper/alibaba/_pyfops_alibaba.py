# SPDX-License-Identifier: Apache-2.0
"""Entry point on Alibaba Cloud Function Compute: adapts event, context and answer. Python 3.9 syntax."""

import json
import os
import sys
import time

# A run under another runtime may have started elsewhere: the package's own folder holds the user's modules.
_HERE = os.path.dirname(os.path.abspath(__file__))
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

import _pyfops_function  # noqa: E402
import _pyfops_runtime as runtime  # noqa: E402

_HAS_URL = os.environ.get("PYFOPS_URL") == "1"
_FUNCTION = runtime.Function(_pyfops_function.MODULE, _pyfops_function.CALLABLE)


def _context(native):
    function = native.function
    return runtime.Context(
        provider="alibaba",
        region=getattr(native, "region", "") or os.environ.get("FC_REGION", ""),
        function_name=function.name,
        memory_mb=int(function.memory),
        request_id=native.request_id,
        # The platform tells no deadline: counted from here, which is when the call begins.
        deadline=time.time() + float(function.timeout),
        cold_start=_FUNCTION.take_cold(),
        native=native,
    )


def _is_http_event(event):
    """What an HTTP trigger makes of a request; only where the function has one of ours."""
    if not _HAS_URL or type(event) is not dict or event.get("version") != "v1":
        return False
    request = event.get("requestContext")
    return type(request) is dict and type(request.get("http")) is dict and "rawPath" in event


def _handle_http(event, context):
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64

        body = base64.b64decode(body)
    query = event.get("queryParameters")
    status, headers, text = runtime.http_call(_FUNCTION, body, query, context)
    answer = {"statusCode": status, "headers": headers, "isBase64Encoded": False, "body": text}
    return json.dumps(answer)


def _invoke(event, context):
    probing, event = runtime.probe_of(event)
    if probing:
        return json.dumps(runtime.run_probe(_FUNCTION, event, context))
    try:
        return runtime.check_answer(_FUNCTION.call(event, context))
    except runtime.FunctionFailure as failure:
        raise failure.exception() from None
    except Exception as error:
        try:
            str(error)
        except Exception:
            raise type(type(error).__name__, (Exception,), {})(runtime.message_of(error)) from None
        raise


def handler(event, native):
    """What Function Compute calls: bytes in; text out, which is sent as it is."""
    context = _context(native)
    try:
        event = json.loads(event) if event.strip() else {}
    except ValueError as error:
        raise ValueError("the event is not JSON: %s" % error) from None
    if _is_http_event(event):
        return _handle_http(event, context)
    return _invoke(event, context)
