# SPDX-License-Identifier: Apache-2.0
"""What an instance of the local stand-in runs: events from the pool to the handler, answers back."""

import importlib
import json
import os
import sys

import pyfops_instance


def load():
    module, name = sys.argv[1].rsplit(".", 1)
    sys.path.insert(0, os.getcwd())
    handler = getattr(importlib.import_module(module), name)

    def answer(fields, body):
        request_id = fields["lambda-runtime-aws-request-id"]
        deadline = int(fields["lambda-runtime-deadline-ms"]) / 1000
        result = handler(json.loads(body), request_id, deadline)
        return json.dumps(result).encode(), "application/json"

    return answer


pyfops_instance.serve(load)
