# SPDX-License-Identifier: Apache-2.0
"""Runs a function under the functions-framework that its package brings along, in place of its HTTP server.

The platform's build starts `functions-framework --target ... --source ...` behind gunicorn; here the same WSGI
application is called for every request that the instance pool hands over. Python 3.9 syntax.
"""

import io
import os
import sys

from pyfops_instance import serve_http


def environ_of(request):
    """The WSGI environment of a request (PEP 3333)."""
    from urllib.parse import unquote_to_bytes

    path = unquote_to_bytes(request.path).decode("latin-1")
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": request.query,
        "RAW_URI": request.target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": os.environ.get("PORT", "8080"),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = name.upper().replace("-", "_")
        if key == "CONTENT_TYPE":
            environ[key] = value
        elif key not in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
            key = "HTTP_" + key
            environ[key] = environ[key] + "," + value if key in environ else value
    return environ


def load():
    task = sys.argv[1]
    os.chdir(task)
    sys.path.insert(0, task)
    import functions_framework

    target = os.environ["FUNCTION_TARGET"]
    source = os.path.join(task, os.environ.get("FUNCTION_SOURCE", "main.py"))
    app = functions_framework.create_app(target, source, os.environ.get("FUNCTION_SIGNATURE_TYPE", "http"))

    def answer(_fields, request):
        started = {}

        def start_response(status, headers, exc_info=None):
            started["status"] = int(status.split(" ", 1)[0])
            started["headers"] = headers

        parts = app(environ_of(request), start_response)
        try:
            body = b"".join(parts)
        finally:
            if hasattr(parts, "close"):
                parts.close()
        if request.method == "HEAD":
            body = b""
        return started["status"], started["headers"], body

    return answer


if __name__ == "__main__":
    serve_http(load)
