# SPDX-License-Identifier: Apache-2.0
"""Entry point on Azure Functions: adapts request, context and answer. Python 3.9 syntax."""

import os
import threading
import time

import _pyfops_function
import _pyfops_runtime as runtime

# By the folder that Azure knows them by. All are loaded with the app; a broken one tells when it is called.
_FUNCTIONS = {
    folder: runtime.Function(module, name) for folder, (module, name) in _pyfops_function.HANDLERS.items()
}
# What is measured is the process's: one event at a time, also where the host would run several.
_ONE_AT_A_TIME = threading.Lock()


def _timeout_seconds():
    """Of the app, as the host takes it: "00:05:00"."""
    text = os.environ.get("AzureFunctionsJobHost__functionTimeout", "")
    try:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
    except ValueError:
        return 300
    return hours * 3600 + minutes * 60 + seconds


def _memory_mb():
    text = os.environ.get("PYFOPS_MEMORY_MB", "")
    return int(text) if text.isdigit() else 0


def handle(folder, request, native):
    """(status, headers, text) for a request of azure.functions to the function of a folder."""
    function = _FUNCTIONS[folder]
    deadline = time.time() + _timeout_seconds()
    with _ONE_AT_A_TIME:
        context = runtime.Context(
            provider="azure",
            region=os.environ.get("PYFOPS_REGION", ""),
            function_name=os.environ.get("WEBSITE_SITE_NAME") or native.function_name,
            memory_mb=_memory_mb(),
            request_id=native.invocation_id,
            deadline=deadline,
            cold_start=function.take_cold(),
            native=native,
        )
        query = {name: value for name, value in request.params.items() if name != "code"}
        status, headers, text = runtime.http_call(function, request.get_body(), query, context)
    headers.pop("content-type", None)
    return status, headers, text
