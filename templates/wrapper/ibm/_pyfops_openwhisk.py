# SPDX-License-Identifier: Apache-2.0
"""Entry point on Apache OpenWhisk: adapts arguments, context and answer. Python 3.9 syntax."""

import base64
import json
import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

_ENVIRONMENT = "__pyfops_env"
_function = None
_memory_mb = 0
_region = ""


def _load(args):
    """The handler's module reads its environment while it is imported, and OpenWhisk brings it with the call."""
    global _function, _memory_mb, _region
    environment = args.pop(_ENVIRONMENT, None)
    if _function is not None:
        return
    if isinstance(environment, dict):
        os.environ.update({name: str(value) for name, value in environment.items()})
    _memory_mb = int(os.environ.pop("PYFOPS_MEMORY_MB", "0"))
    _region = os.environ.pop("PYFOPS_REGION", "")
    import _pyfops_function
    import _pyfops_runtime as runtime

    _function = runtime.Function(_pyfops_function.MODULE, _pyfops_function.CALLABLE)


def _context():
    import _pyfops_runtime as runtime

    return runtime.Context(
        provider="ibm",
        region=_region,
        function_name=os.environ.get("__OW_ACTION_NAME", "").rsplit("/", 1)[-1],
        memory_mb=_memory_mb,
        request_id=os.environ.get("__OW_ACTIVATION_ID", ""),
        deadline=int(os.environ.get("__OW_DEADLINE") or 0) / 1000.0,
        cold_start=_function.take_cold(),
    )


def _query(text):
    from urllib.parse import parse_qsl

    query = {}
    for name, value in parse_qsl(text or "", keep_blank_values=True):
        query[name] = query[name] + "," + value if name in query else value
    return query


def _web(args):
    """A call over HTTP, with the body and the query as they were sent (the annotation raw-http)."""
    import _pyfops_runtime as runtime

    body = args.get("__ow_body")
    if not isinstance(body, str):
        body = ""
    kind = (args.get("__ow_headers") or {}).get("content-type", "").lower()
    if body and not kind.startswith("text/"):
        try:
            body = base64.b64decode(body, validate=True)
        except ValueError:  # text of another type
            pass
    status, headers, text = runtime.http_call(_function, body, _query(args.get("__ow_query")), _context())
    # The host decodes text of this type: so any JSON goes out as it is.
    encoded = base64.b64encode(text.encode("utf-8", "surrogatepass")).decode("ascii")
    answer = {"statusCode": status, "headers": headers, "body": encoded}
    # Marked for the platform, which sends what is in it.
    return {"error": answer} if headers.get("x-pyfops-error") else answer


def _direct(args):
    """A call over the API: an object in, an object or a list out."""
    import _pyfops_runtime as runtime

    probing, event = runtime.probe_of(args)
    if probing:
        return runtime.run_probe(_function, event, _context())
    try:
        answer = _function.call(event, _context())
        text = runtime.check_answer(answer)
        if text[:1] not in ("{", "["):
            raise runtime.FunctionFailure(
                "Runtime.MarshalError",
                "Unable to marshal response: OpenWhisk answers with objects and lists; call the web action",
            )
        return answer
    except Exception as error:
        return {"error": json.loads(runtime.error_answer(error))}


def main(args):
    """What OpenWhisk calls."""
    args = dict(args)
    _load(args)
    return _web(args) if "__ow_method" in args else _direct(args)
