# SPDX-License-Identifier: Apache-2.0
"""What runtimes of the local cloud share: events from the instance pool, answers back. Python 3.9 syntax.

The pool speaks the Lambda Runtime API (2018-06-01) at AWS_LAMBDA_RUNTIME_API to every instance, whatever the
provider. Lies at /opt/pyfops-runtime, beside the files of the runtime itself.
"""

import json
import os
import socket
import sys
import traceback

API = "/2018-06-01/runtime/"


def use_utf8():
    """Whatever the locale; line by line, so that logs are whole when an instance is killed."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)


class Api:
    """One kept-open connection to the Runtime API."""

    def __init__(self, address):
        host, _, port = address.partition(":")
        self.address = (host, int(port or 80))
        self.host = address
        self.socket = None
        self.reader = None

    def exchange(self, method, path, body=b"", headers=()):
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.reader = self.socket.makefile("rb")
        head = "%s %s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n" % (
            method,
            API,
            path,
            self.host,
            len(body),
        )
        for name, value in headers:
            # A class may have any name, and its instances may be raised.
            head += "%s: %s\r\n" % (name, "".join(c if c.isprintable() else "?" for c in value))
        self.socket.sendall(head.encode("latin-1", "backslashreplace") + b"\r\n" + body)
        status = self.reader.readline()
        if not status:
            raise ConnectionError("the Runtime API closed the connection")
        fields = {}
        while True:
            line = self.reader.readline().rstrip(b"\r\n")
            if not line:
                break
            name, _, value = line.decode("latin-1").partition(":")
            fields[name.strip().lower()] = value.strip()
        return int(status.split()[1]), fields, self.reader.read(int(fields.get("content-length", "0")))

    def next(self):
        status, fields, body = self.exchange("GET", "invocation/next")
        if status != 200:
            raise RuntimeError("the Runtime API answered %d to next" % status)
        return fields, body

    def respond(self, request_id, body, content_type):
        return self.exchange(
            "POST", "invocation/%s/response" % request_id, body, [("Content-Type", content_type)]
        )

    def fail(self, path, error):
        body = json.dumps(error, ensure_ascii=False).encode("utf-8", "surrogatepass")
        headers = [
            ("Content-Type", "application/json"),
            ("Lambda-Runtime-Function-Error-Type", error["errorType"]),
        ]
        self.exchange("POST", path, body, headers)


class Fault(Exception):
    """A failure of the runtime's own making: its type has a fixed name."""

    def __init__(self, kind, message, trace=None):
        super().__init__(message)
        self.kind = kind
        self.trace = trace if trace is not None else []


def description(error, request_id=""):
    """The error document of a failure of the runtime or of what it runs."""
    kind = error.kind if isinstance(error, Fault) else type(error).__name__
    frames = error.trace if isinstance(error, Fault) else traceback.format_tb(error.__traceback__)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": frames}


def serve(load):
    """`load()` gives `answer(fields, body)`, which is called with every event's header fields (in lower case)
    and bytes, and returns (bytes, content type). What either raises is reported as the platform's."""
    use_utf8()
    api = Api(os.environ["AWS_LAMBDA_RUNTIME_API"])
    try:
        answer = load()
    except Exception as error:
        traceback.print_exc()
        api.fail("init/error", description(error))
        sys.exit(1)
    while True:
        fields, body = api.next()
        request_id = fields["lambda-runtime-aws-request-id"]
        try:
            result, content_type = answer(fields, body)
        except Exception as error:
            traceback.print_exc()
            api.fail("invocation/%s/error" % request_id, description(error, request_id))
            continue
        sys.stdout.flush()
        sys.stderr.flush()
        status, _, _ = api.respond(request_id, result, content_type)
        if status == 413:
            fault = Fault("Function.ResponseSizeTooLarge", "The answer is larger than the platform takes")
            api.fail("invocation/%s/error" % request_id, description(fault, request_id))


class Request:
    """A request over HTTP, as the face of the provider passes it on."""

    def __init__(self, method, target, headers, body):
        self.method = method
        self.target = target
        """Path and query as sent."""
        self.path, _, self.query = target.partition("?")
        self.headers = headers
        """[(name, value)] in the order in which they were sent."""
        self.body = body

    def header(self, name, otherwise=""):
        for key, value in self.headers:
            if key.lower() == name.lower():
                return value
        return otherwise


def serve_http(load):
    """As `serve`, for platforms that call functions over HTTP: `load()` gives `answer(fields, request)`, which
    returns (status, [(name, value)], bytes). The form on the way is a line of JSON, then the body as it is."""

    def loaded():
        answer = load()

        def one(fields, event):
            head, _, body = event.partition(b"\n")
            head = json.loads(head)
            request = Request(head["method"], head["target"], [tuple(h) for h in head["headers"]], body)
            status, headers, content = answer(fields, request)
            head = json.dumps({"status": status, "headers": [list(h) for h in headers]})
            return head.encode("ascii") + b"\n" + content, "application/octet-stream"

        return one

    serve(loaded)
