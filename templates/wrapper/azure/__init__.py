# SPDX-License-Identifier: Apache-2.0
"""What Azure loads for the function of this folder; the work is done in _pyfops_azure.py. Python 3.9 syntax."""

import os
import sys

# The package's own folder holds the user's modules; Azure promises it to come first nowhere.
_FOLDER = os.path.dirname(os.path.abspath(__file__))
_ROOT = os.path.dirname(_FOLDER)
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

import _pyfops_azure as entry  # noqa: E402

import azure.functions as func  # noqa: E402


def main(req: func.HttpRequest, context: func.Context) -> func.HttpResponse:
    status, headers, text = entry.handle(os.path.basename(_FOLDER), req, context)
    return func.HttpResponse(text, status_code=status, headers=headers, mimetype="application/json")
