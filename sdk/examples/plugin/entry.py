# SPDX-License-Identifier: Apache-2.0
"""Entry point on Acme Functions: adapts event, context and answer. Python 3.9 syntax."""

import os

import _pyfops_function
import _pyfops_runtime as runtime

_FUNCTION = runtime.Function(_pyfops_function.MODULE, _pyfops_function.CALLABLE)


def handler(event, request_id, deadline):
    """What Acme calls."""
    context = runtime.Context(
        provider="acme",
        region=os.environ["ACME_REGION"],
        function_name=os.environ["ACME_FUNCTION"],
        memory_mb=int(os.environ["ACME_MEMORY_MB"]),
        request_id=request_id,
        deadline=deadline,
        cold_start=_FUNCTION.take_cold(),
    )
    probing, event = runtime.probe_of(event)
    if probing:
        return runtime.run_probe(_FUNCTION, event, context)
    try:
        answer = _FUNCTION.call(event, context)
        runtime.check_answer(answer)
        return answer
    except runtime.FunctionFailure as failure:
        raise failure.exception() from None
