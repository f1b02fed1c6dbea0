# SPDX-License-Identifier: Apache-2.0
"""What an instance of the local cloud runs for Azure: requests from the pool become azure.functions.HttpRequest, the
functions are those of the package's function.json (v1 model). Python 3.9 syntax.

The library is the one in the package, or of the machine; this is not Azure's own worker.
"""

import importlib
import json
import os
import sys
import types
import urllib.parse

import pyfops_instance

NAMESPACE = "__app__"


class TraceContext:
    def __init__(self):
        self.trace_parent = ""
        self.trace_state = ""
        self.attributes = {}


class RetryContext:
    def __init__(self):
        self.retry_count = 0
        self.max_retry_count = 0
        self.exception = None


class Context:
    """As the worker makes it for every invocation."""

    def __init__(self, invocation_id, name, directory):
        self.invocation_id = invocation_id
        self.function_name = name
        self.function_directory = directory
        self.trace_context = TraceContext()
        self.retry_context = RetryContext()
        self.thread_local_storage = types.SimpleNamespace(invocation_id=invocation_id)


class LoadedFunction:
    """One folder of the package, with what its function.json says."""

    def __init__(self, root, name):
        self.name = name
        self.directory = os.path.join(root, name)
        with open(os.path.join(self.directory, "function.json"), encoding="utf-8") as file:
            document = json.load(file)
        script = document.get("scriptFile", "__init__.py")
        module = os.path.splitext(os.path.normpath(os.path.join(name, script)))[0].replace(os.sep, ".")
        self.returns = any(b.get("name") == "$return" for b in document["bindings"])
        self.trigger = next(b["name"] for b in document["bindings"] if b["type"].lower() == "httptrigger")
        loaded = importlib.import_module("%s.%s" % (NAMESPACE, module))
        self.entry = getattr(loaded, document.get("entryPoint", "main"))
        code = self.entry.__code__
        self.takes_context = "context" in code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    def call(self, request, context):
        arguments = {self.trigger: request}
        if self.takes_context:
            arguments["context"] = context
        answer = self.entry(**arguments)
        if hasattr(answer, "__await__"):
            import asyncio

            answer = asyncio.run(finish(answer))
        if answer is not None and not self.returns:
            raise RuntimeError("function %r without a $return binding returned a value" % self.name)
        return answer


async def finish(awaitable):
    return await awaitable


def to_http(answer):
    """(status, headers, body) of what a function returned."""
    if answer is None:
        return 204, [], b""
    if isinstance(answer, str):
        return 200, [("content-type", "text/plain; charset=utf-8")], answer.encode("utf-8")
    headers = [(name, value) for name, value in answer.headers.items()]
    names = {name.lower() for name, _ in headers}
    if "content-type" not in names and answer.mimetype:
        charset = "; charset=" + answer.charset if answer.charset else ""
        headers.append(("content-type", answer.mimetype + charset))
    return int(answer.status_code), headers, answer.get_body()


def load():
    root = os.getcwd()
    packages = os.path.join(root, ".python_packages", "lib", "site-packages")
    sys.path[:0] = [packages, root]
    import azure.functions as library

    namespace = types.ModuleType(NAMESPACE)
    namespace.__path__ = [root]
    sys.modules[NAMESPACE] = namespace
    functions = {}
    # The worker loads them when the host starts.
    for name in sorted(os.listdir(root)):
        if os.path.isfile(os.path.join(root, name, "function.json")):
            functions[name] = LoadedFunction(root, name)

    def answer(fields, request):
        name = fields["lambda-runtime-azure-function"]
        function = functions[name]
        query = urllib.parse.parse_qsl(request.query, keep_blank_values=True)
        native = library.HttpRequest(
            method=request.method,
            url=fields["lambda-runtime-azure-url"],
            headers=dict(request.headers),
            params=dict(query),
            route_params=json.loads(fields["lambda-runtime-azure-route"]),
            body=request.body,
        )
        context = Context(fields["lambda-runtime-aws-request-id"], name, function.directory)
        return to_http(function.call(native, context))

    return answer


if __name__ == "__main__":
    pyfops_instance.serve_http(load)
