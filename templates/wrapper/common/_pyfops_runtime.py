# SPDX-License-Identifier: Apache-2.0
"""What every entry file of pyfOps needs: loading the handler, calling it, checking its answer.

Runs inside the deployed function, on every provider the same. Standard library only, Python 3.9 syntax; what is
not needed by every call is imported when it is needed, to keep cold starts short.
"""

import importlib
import json
import os
import sys
import time
import traceback

_CO_VARARGS = 0x04
_CO_COROUTINE = 0x80

INSTANCE = os.urandom(16).hex()
# User code and its children have no business with it.
_PROBE_KEY = os.environ.pop("PYFOPS_PROBE_KEY", "")


class FunctionFailure(Exception):
    """A failure of the user's function, with the name that callers see instead of this class's."""

    def __init__(self, kind, message, stack=None):
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.stack = stack or []

    def exception(self):
        """An exception whose class has that name: platforms report the name of the class."""
        return type(self.kind, (Exception,), {"__module__": "builtins"})(self.message)


class Context:
    """What a handler gets as its second argument, the same on every provider."""

    __slots__ = (
        "provider",
        "region",
        "function_name",
        "memory_mb",
        "request_id",
        "deadline",
        "cold_start",
        "native",
        "_log",
    )

    def __init__(
        self, provider, region, function_name, memory_mb, request_id, deadline, cold_start, native=None
    ):
        self.provider = provider
        self.region = region
        self.function_name = function_name
        self.memory_mb = memory_mb
        self.request_id = request_id
        self.deadline = deadline
        """Unix time, in seconds, at which the platform stops the call."""
        self.cold_start = cold_start
        self.native = native
        """The platform's own context object, or None."""
        self._log = None

    def remaining_ms(self):
        """Milliseconds until the deadline; 0 when it has passed."""
        return max(0, int((self.deadline - time.time()) * 1000))

    @property
    def log(self):
        """A logging.Logger whose lines end up in the platform's log."""
        if self._log is None:
            import logging

            logger = logging.getLogger("pyfops")
            if not logger.handlers and not logging.getLogger().handlers:
                logger.addHandler(logging.StreamHandler(sys.stderr))
            if logger.level == logging.NOTSET:
                logger.setLevel(logging.INFO)
            self._log = logger
        return self._log


class Function:
    """The user's handler: loaded once, called for every event."""

    def __init__(self, module, name):
        self._module = module
        self._name = name
        self._handler = None
        self._arguments = 2
        self._loop = None
        self._cold = True
        self._failure = None
        try:
            self._load()
        except FunctionFailure as failure:
            # Reported with the first call, and tried again then: the reason may be gone.
            self._failure = failure

    def take_cold(self):
        """True for the first call of this instance."""
        cold, self._cold = self._cold, False
        return cold

    def _load(self):
        try:
            module = importlib.import_module(self._module)
        except SyntaxError as error:
            message = "Syntax error in module '%s': %s" % (self._module, error)
            raise FunctionFailure("Runtime.UserCodeSyntaxError", message) from None
        except SystemExit as error:
            message = "Module '%s' calls sys.exit(%s) while it is imported" % (self._module, error.code)
            raise FunctionFailure("Runtime.ImportModuleError", message) from None
        except BaseException as error:  # whatever the user's module raises
            message = "Unable to import module '%s': %s" % (self._module, describe(error))
            raise FunctionFailure("Runtime.ImportModuleError", message, stack_of(error)) from None
        handler = module
        for part in self._name.split("."):
            handler = getattr(handler, part, None)
        if handler is None:
            message = "Handler '%s' missing on module '%s'" % (self._name, self._module)
            raise FunctionFailure("Runtime.HandlerNotFound", message)
        if isinstance(handler, type) or not callable(handler):
            what = "a class" if isinstance(handler, type) else "not callable"
            message = "Handler '%s' of module '%s' is %s" % (self._name, self._module, what)
            raise FunctionFailure("Runtime.HandlerNotFound", message)
        self._arguments = self._count_arguments(handler)
        self._handler = handler

    def _count_arguments(self, handler):
        """1 for handler(event), 2 for handler(event, context)."""
        code = getattr(handler, "__code__", None)
        if code is not None and type(handler).__name__ == "function" and not hasattr(handler, "__wrapped__"):
            if code.co_flags & _CO_VARARGS:
                return 2
            most = code.co_argcount
            least = most - len(handler.__defaults__ or ())
        else:
            most, least = _inspected_arguments(handler)
        if least > 2 or most < 1:
            message = "Handler '%s' must take (event) or (event, context)" % self._name
            raise FunctionFailure("Runtime.HandlerNotFound", message)
        return min(most, 2)

    def call(self, event, context):
        """The handler's answer. Raises FunctionFailure for what is not its own exception; those pass through."""
        if self._handler is None:
            if self._failure is not None:
                failure, self._failure = self._failure, None
                raise failure
            self._load()
        pid = os.getpid()
        try:
            answer = self._handler(event, context) if self._arguments == 2 else self._handler(event)
            if hasattr(answer, "__await__"):
                answer = self._await(answer)
        except BaseException as error:
            self._end_child(pid, error)
            if isinstance(error, SystemExit):
                message = "The handler called sys.exit(%s)" % _short(error.code)
                raise FunctionFailure("Runtime.ExitError", message, stack_of(error)) from None
            if not isinstance(error, Exception):
                raise FunctionFailure(type(error).__name__, message_of(error), stack_of(error)) from None
            raise
        self._end_child(pid, None)
        return answer

    def _end_child(self, pid, error):
        """A forked child must not go on as a second runtime."""
        if os.getpid() == pid:
            return
        if error is not None and not isinstance(error, SystemExit):
            traceback.print_exception(type(error), error, error.__traceback__)
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(0 if error is None else 1)

    def _await(self, awaitable):
        import asyncio

        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            asyncio.set_event_loop(self._loop)

        async def finish():
            return await awaitable

        return self._loop.run_until_complete(finish())


def _inspected_arguments(handler):
    import inspect

    try:
        parameters = list(inspect.signature(handler).parameters.values())
    except (TypeError, ValueError):
        return 2, 2
    if any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return 2, 0
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return len(positional), sum(1 for p in positional if p.default is p.empty)


def _short(value):
    try:
        text = str(value)
    except Exception:
        return "?"
    return text if len(text) <= 200 else text[:200] + "..."


def message_of(error):
    """str(error), also when that fails."""
    if isinstance(error, FunctionFailure):
        return error.message
    try:
        return str(error)
    except Exception:
        return "<an exception that cannot be printed>"


def describe(error):
    text = message_of(error)
    return "%s: %s" % (type(error).__name__, text) if text else type(error).__name__


def kind_of(error):
    return error.kind if isinstance(error, FunctionFailure) else type(error).__name__


def stack_of(error):
    """Lines of the traceback, innermost last, without the files of pyfOps."""
    if isinstance(error, FunctionFailure):
        return error.stack
    lines = []
    for frame in traceback.extract_tb(error.__traceback__):
        if "_pyfops_" in os.path.basename(frame.filename) or "importlib" in frame.filename:
            continue
        lines.append('File "%s", line %d, in %s: %s' % (frame.filename, frame.lineno, frame.name, frame.line))
    return lines


def check_answer(answer):
    """The answer as JSON text. Raises FunctionFailure for what JSON cannot say."""
    try:
        text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
        text.encode("utf-8")
        return text
    except (TypeError, ValueError, RecursionError):
        pass
    path, problem = _find_problem(answer, "answer", set(), 0)
    raise FunctionFailure(
        "Runtime.MarshalError", "Unable to marshal response: %s %s" % (path, problem)
    ) from None


_HINTS = {
    "bytes": "is bytes: return text, for instance base64",
    "bytearray": "is bytes: return text, for instance base64",
    "memoryview": "is bytes: return text, for instance base64",
    "generator": "is a generator: return a list",
    "async_generator": "is an asynchronous generator: return a list",
    "coroutine": "is a coroutine that was not awaited",
    "set": "is a set: return a list",
    "frozenset": "is a set: return a list",
}


def _find_problem(value, path, seen, depth):
    """Where and why JSON cannot say a value."""
    if value is None or isinstance(value, (bool, int)):
        return path, "cannot be written as JSON"
    if isinstance(value, float):
        return path, "is %r, which JSON does not know" % value
    if isinstance(value, str):
        return path, "holds text that is not valid Unicode"
    if isinstance(value, (dict, list, tuple)):
        if id(value) in seen:
            return path, "contains itself"
        if depth > 200:
            return path, "is nested too deeply"
        seen = seen | {id(value)}
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            if isinstance(value, dict) and not isinstance(key, (str, int, float, bool, type(None))):
                return path, "has a key of type %s" % type(key).__name__
            inner = "%s[%s]" % (path, _short(repr(key)))
            if not _is_fine(item):
                return _find_problem(item, inner, seen, depth + 1)
        return path, "has a key that JSON does not know"
    name = type(value).__name__
    return path, _HINTS.get(name, "is of type %s" % name)


def _is_fine(value):
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
        return True
    except (TypeError, ValueError, RecursionError):
        return False


def probe_of(event):
    """(True, inner event) for a probe call with our key, else (False, event): decided in constant time."""
    if not _PROBE_KEY or type(event) is not dict or len(event) != 1:
        return False, event
    inner = event.get("__pyfops__")
    if type(inner) is not dict or inner.keys() != {"v", "key", "event"} or inner["v"] != 1:
        return False, event
    key = inner["key"]
    if not isinstance(key, str):
        return False, event
    import hmac

    if not hmac.compare_digest(key.encode("utf-8", "replace"), _PROBE_KEY.encode("utf-8")):
        return False, event
    return True, inner["event"]


def error_document(error):
    return {"type": kind_of(error), "message": message_of(error), "stack": stack_of(error)}


def run_probe(function, event, context):
    """The answer of a probe call: the result or the error, and what was measured."""
    from _pyfops_measure import Measurement

    measured = {"v": 1}
    measurement = Measurement()
    try:
        answer = function.call(event, context)
        check_answer(answer)
        measured["result"] = answer
    except Exception as error:
        measured["error"] = error_document(error)
    measured.update(measurement.finish())
    measured["cold_start"] = context.cold_start
    measured["instance"] = INSTANCE
    measured["python"] = "%d.%d.%d" % sys.version_info[:3]
    return {"__pyfops__": measured}


def error_answer(error):
    """The JSON text that tells a caller over HTTP of the function's failure; engines look for "error"."""
    document = {
        "error": "%s: %s" % (kind_of(error), message_of(error)),
        "errorType": kind_of(error),
        "errorMessage": message_of(error),
        "stackTrace": stack_of(error),
    }
    return json.dumps(document)


def http_call(function, body, query, context):
    """(status, headers, JSON text) for a caller over HTTP: exactly the function's JSON, or a marked failure.

    `body` is the request's, as bytes or text; when it is empty, the event is the query, a dict of texts.
    """
    headers = {"content-type": "application/json"}
    try:
        event = json.loads(body) if body.strip() else dict(query or {})
    except ValueError as error:
        return 400, headers, json.dumps({"error": "the body is not JSON: %s" % error})
    probing, event = probe_of(event)
    if probing:
        return 200, headers, json.dumps(run_probe(function, event, context))
    try:
        return 200, headers, check_answer(function.call(event, context))
    except Exception as error:
        headers["x-pyfops-error"] = "function"
        return 500, headers, error_answer(error)
