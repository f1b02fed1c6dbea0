# SPDX-License-Identifier: Apache-2.0
"""Runs a Lambda handler against the Runtime API (2018-06-01), without anything but the standard library.

Errors, log lines and the context object have the form that AWS documents for its Python runtime; the tests
compare them with the real runtime interface client.
"""

import importlib
import json
import logging
import os
import sys
import time
import traceback

from pyfops_instance import Api, Fault, use_utf8

# Lines of one message stay together in the log: the platform turns these back into line ends.
LINE = "\r"
INDENT = "\u00a0"


class CognitoIdentity:
    def __init__(self, known):
        self.cognito_identity_id = known.get("cognitoIdentityId")
        self.cognito_identity_pool_id = known.get("cognitoIdentityPoolId")


class Client:
    NAMES = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, known):
        for name in self.NAMES:
            setattr(self, name, known.get(name))


class ClientContext:
    def __init__(self, known):
        self.custom = known.get("custom")
        self.env = known.get("env")
        self.client = Client(known["client"]) if known.get("client") else None


class Context:
    def __init__(self, fields):
        environ = os.environ
        self.aws_request_id = fields["lambda-runtime-aws-request-id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = fields.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = fields.get("lambda-runtime-aws-tenant-id")
        client = fields.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client)) if client else None
        self.identity = CognitoIdentity(json.loads(fields.get("lambda-runtime-cognito-identity") or "{}"))
        self._deadline_ms = int(fields.get("lambda-runtime-deadline-ms", "0"))

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))


class RequestFilter(logging.Filter):
    request_id = ""

    def filter(self, record):
        record.aws_request_id = RequestFilter.request_id
        return True


def set_up_logging():
    formatter = logging.Formatter(
        "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
    )
    formatter.converter = time.gmtime

    class Handler(logging.Handler):
        def emit(self, record):
            sys.stdout.write(self.format(record).replace("\n", LINE).rstrip(LINE) + "\n")

    handler = Handler()
    handler.setFormatter(formatter)
    handler.addFilter(RequestFilter())
    logging.getLogger().addHandler(handler)


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot or not module_name:
        raise Fault(
            "Runtime.MalformedHandlerName",
            "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name,
        )
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", "Cannot use built-in module %s as a handler module" % module_name
        )
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        where = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault(
            "Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), where
        )
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault(
            "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name)
        )


def describe(error, request_id):
    """The error document, and the frames below this file."""
    if isinstance(error, Fault):
        frames, kind = error.trace, error.kind
    else:
        kind = type(error).__name__
        entries = traceback.extract_tb(error.__traceback__)
        while entries and entries[0].filename == __file__:
            del entries[0]
        # The platform's runtime does not underline the place in a line.
        frames = traceback.format_list([(e.filename, e.lineno, e.name, e.line) for e in entries])
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": frames}


def log_error(error):
    text = "[ERROR] " + ": ".join(part for part in (error["errorType"], error["errorMessage"]) if part)
    lines = [*text.split("\n"), "Traceback (most recent call last):"]
    for frame in error["stackTrace"]:
        for line in frame.splitlines():
            bare = line.lstrip(" ")
            lines.append(INDENT * (len(line) - len(bare)) + bare)
    sys.stdout.write(LINE.join(lines) + "\n")
    sys.stdout.flush()


def encode(result):
    if isinstance(result, bytes):
        return result, "application/unknown"
    try:
        text = json.dumps(result, ensure_ascii=sys.version_info < (3, 12))
        return text.encode("utf-8", "surrogatepass"), "application/json"
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def run_one(api, handler, fields, body):
    request_id = fields["lambda-runtime-aws-request-id"]
    RequestFilter.request_id = request_id
    os.environ["_X_AMZN_TRACE_ID"] = fields.get("lambda-runtime-trace-id", "")
    try:
        try:
            event = json.loads(body) if fields.get("content-type") == "application/json" else body
        except ValueError as error:
            raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)
        answer, content_type = encode(handler(event, Context(fields)))
    except Exception as error:
        document = describe(error, request_id)
        log_error(document)
        api.fail("invocation/%s/error" % request_id, document)
        return
    sys.stdout.flush()
    status, _, _ = api.respond(request_id, answer, content_type)
    if status == 413:
        message = "Response payload size exceeded maximum allowed payload size (6291556 bytes)."
        document = {"errorMessage": message, "errorType": "Function.ResponseSizeTooLarge"}
        api.fail("invocation/%s/error" % request_id, document)


def main():
    root = os.environ.get("LAMBDA_TASK_ROOT") or os.getcwd()
    sys.path[:] = [root] + [p for p in sys.path if p not in ("", root)]
    use_utf8()
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    set_up_logging()
    try:
        handler = load_handler(sys.argv[1])
    except Exception as error:
        document = describe(error, "")
        log_error(document)
        api.fail("init/error", document)
        sys.exit(1)
    while True:
        fields, body = api.next()
        run_one(api, handler, fields, body)


main()
