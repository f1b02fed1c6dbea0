# SPDX-License-Identifier: Apache-2.0
"""Entry point on AWS Lambda: adapts event, context and answer. Python 3.9 syntax."""

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
    return runtime.Context(
        provider="aws",
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION", ""),
        function_name=native.function_name,
        memory_mb=int(native.memory_limit_in_mb),
        request_id=native.aws_request_id,
        deadline=time.time() + native.get_remaining_time_in_millis() / 1000.0,
        cold_start=_FUNCTION.take_cold(),
        native=native,
    )


def _is_url_event(event):
    """Payload format 2.0 of function URLs; only where the function has one."""
    if not _HAS_URL or type(event) is not dict or event.get("version") != "2.0":
        return False
    request = event.get("requestContext")
    return event.get("routeKey") == "$default" and type(request) is dict and "http" in request


def _handle_url(event, context):
    body = event.get("body") or ""
    if event.get("isBase64Encoded"):
        import base64

        body = base64.b64decode(body)
    query = event.get("queryStringParameters")
    status, headers, text = runtime.http_call(_FUNCTION, body, query, context)
    return {"statusCode": status, "headers": headers, "body": text, "isBase64Encoded": False}


def handler(event, native):
    """What Lambda calls."""
    context = _context(native)
    if _is_url_event(event):
        return _handle_url(event, context)
    probing, event = runtime.probe_of(event)
    if probing:
        return runtime.run_probe(_FUNCTION, event, context)
    try:
        answer = _FUNCTION.call(event, context)
        runtime.check_answer(answer)
        return answer
    except runtime.FunctionFailure as failure:
        raise failure.exception() from None
    except Exception as error:
        try:
            str(error)
        except Exception:
            raise type(type(error).__name__, (Exception,), {})(runtime.message_of(error)) from None
        raise
