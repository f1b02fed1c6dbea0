# SPDX-License-Identifier: Apache-2.0
"""Runs a handler as the built-in Python runtimes of Function Compute 3.0 do, as far as their documentation tells:
`handler(event: bytes, context)`. No official runtime can be had without their image; this is written from the contract.
"""

import importlib
import json
import logging
import os
import sys
import traceback

from pyfops_instance import Fault, serve

ENVIRON = os.environ


class Credentials:
    def __init__(self):
        self.access_key_id = ENVIRON.get("ALIBABA_CLOUD_ACCESS_KEY_ID", "")
        self.access_key_secret = ENVIRON.get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "")
        self.security_token = ENVIRON.get("ALIBABA_CLOUD_SECURITY_TOKEN", "")


class FunctionMeta:
    def __init__(self):
        self.name = ENVIRON.get("FC_FUNCTION_NAME", "")
        self.handler = ENVIRON.get("FC_FUNCTION_HANDLER", "")
        self.memory = int(ENVIRON.get("FC_FUNCTION_MEMORY_SIZE", "0"))
        self.timeout = int(ENVIRON.get("FC_TIMEOUT", "0"))


class ServiceMeta:
    def __init__(self):
        self.log_project = ENVIRON.get("PYFOPS_FC_LOG_PROJECT", "")
        self.log_store = ENVIRON.get("PYFOPS_FC_LOG_STORE", "")
        self.qualifier = ENVIRON.get("FC_QUALIFIER", "")
        self.version_id = ENVIRON.get("PYFOPS_FC_VERSION", "")


class FCContext:
    """Up to Python 3.10."""

    def __init__(self, request_id):
        self.request_id = request_id
        self.credentials = Credentials()
        self.function = FunctionMeta()
        self.service = ServiceMeta()
        self.region = ENVIRON.get("FC_REGION", "")
        self.account_id = ENVIRON.get("FC_ACCOUNT_ID", "")


class NewFCContext:
    """From Python 3.12 on: without credentials and service."""

    def __init__(self, request_id):
        self.request_id = request_id
        self.account_id = ENVIRON.get("FC_ACCOUNT_ID", "")
        self.region = ENVIRON.get("FC_REGION", "")
        self.function = FunctionMeta()
        self.function.version_id = ENVIRON.get("PYFOPS_FC_VERSION", "")
        self.function.qualifier = ENVIRON.get("FC_QUALIFIER", "")
        self.log_project = ENVIRON.get("PYFOPS_FC_LOG_PROJECT", "")
        self.log_store = ENVIRON.get("PYFOPS_FC_LOG_STORE", "")
        self.logger = logging.getLogger()


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot or not module_name:
        raise Fault("HandlerNotFound", "Bad handler '%s'" % name)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except Exception as error:
        frames = traceback.format_tb(error.__traceback__)
        raise Fault(
            "ImportModuleError", "Unable to import module '%s': %s" % (module_name, error), frames
        ) from None
    handler = getattr(module, function_name, None)
    if not callable(handler):
        raise Fault(
            "HandlerNotFound", "Handler '%s' is missing on module '%s'" % (function_name, module_name)
        )
    return handler


def encode(answer):
    if isinstance(answer, bytes):
        return answer
    return (answer if isinstance(answer, str) else json.dumps(answer)).encode("utf-8", "surrogatepass")


def load():
    root = os.getcwd()
    sys.path[:] = [root] + [p for p in sys.path if p not in ("", root)]
    context = NewFCContext if ENVIRON.get("FC_RUNTIME") == "python3.12" else FCContext
    handler = load_handler(sys.argv[1])

    def answer(fields, body):
        request_id = fields["lambda-runtime-aws-request-id"]
        return encode(handler(body, context(request_id))), "application/octet-stream"

    return answer


serve(load)
