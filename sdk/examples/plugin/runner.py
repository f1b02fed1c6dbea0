# SPDX-License-Identifier: Apache-2.0
"""What an instance of the local stand-in runs: events from the pool to the handler, answers back.

The pool speaks the Lambda Runtime API (2018-06-01) at AWS_LAMBDA_RUNTIME_API, whatever the provider.
"""

import http.client
import importlib
import json
import os
import sys
import traceback

PATH = "/2018-06-01/runtime/"


def post(api, path, value):
    api.request("POST", PATH + path, json.dumps(value), {"Content-Type": "application/json"})
    api.getresponse().read()


def description(failure):
    return {
        "errorType": type(failure).__name__,
        "errorMessage": str(failure),
        "stackTrace": traceback.format_tb(failure.__traceback__),
    }


def main():
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    module, name = sys.argv[1].rsplit(".", 1)
    sys.path.insert(0, os.getcwd())
    try:
        handler = getattr(importlib.import_module(module), name)
    except Exception as failure:
        post(api, "init/error", description(failure))
        return
    while True:
        api.request("GET", PATH + "invocation/next")
        event = api.getresponse()
        request = event.headers["Lambda-Runtime-Aws-Request-Id"]
        try:
            post(api, f"invocation/{request}/response", handler(json.loads(event.read()), None))
        except Exception as failure:
            post(api, f"invocation/{request}/error", description(failure))


main()
