# SPDX-License-Identifier: Apache-2.0
"""Entry point on Cloud Run functions: adapts request, context and answer. Python 3.9 syntax."""

import os
import sys
import time
import uuid

# A run under another runtime may have started elsewhere: the package's own folder holds the user's modules.
_HERE = os.path.dirname(os.path.abspath(__file__))
if _HERE not in sys.path:
    sys.path.insert(0, _HERE)

import _pyfops_function  # noqa: E402
import _pyfops_runtime as runtime  # noqa: E402

# Handlers and their children have no business with what pyfOps writes for itself.
_REGION = os.environ.pop("PYFOPS_REGION", "")
_MEMORY_MB = int(os.environ.pop("PYFOPS_MEMORY_MB", "0"))
_TIMEOUT = float(os.environ.pop("PYFOPS_TIMEOUT", "60"))
for _name in ("PYFOPS_FD", "PYFOPS_CONTENT_HASH"):
    os.environ.pop(_name, None)

_FUNCTION = runtime.Function(_pyfops_function.MODULE, _pyfops_function.CALLABLE)


def _request_id(headers):
    """That of the execution, else of the trace, as the platform's log has them."""
    trace = headers.get("X-Cloud-Trace-Context", "").partition("/")[0]
    return headers.get("Function-Execution-Id") or trace or uuid.uuid4().hex


def _context(request):
    return runtime.Context(
        provider="google",
        region=_REGION,
        function_name=os.environ.get("K_SERVICE", ""),
        memory_mb=_MEMORY_MB,
        request_id=_request_id(request.headers),
        deadline=time.time() + _TIMEOUT,
        cold_start=_FUNCTION.take_cold(),
        native=request,
    )


def main(request):
    """What functions-framework calls, with a flask.Request."""
    query = request.args.to_dict()
    status, headers, text = runtime.http_call(_FUNCTION, request.get_data(), query, _context(request))
    return text, status, headers
