# SPDX-License-Identifier: Apache-2.0
"""Runs a function as Code Engine's Python runtimes do: `main(args)` of `__main__.py`, with the arguments and the
answer that its documentation describes ("Exchanging data with functions"). Python 3.9 syntax."""

import base64
import importlib.util
import json
import os
import sys
import traceback
from urllib.parse import parse_qsl

from pyfops_instance import serve_http

RESERVED = ("__ce_method", "__ce_headers", "__ce_path", "__ce_body", "__ce_query")


class BadRequest(Exception):
    pass


class BadAnswer(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def canonical(name):
    return "-".join(part.capitalize() for part in name.split("-"))


def is_json(kind):
    return kind in ("", "application/json")


def is_text(kind):
    return kind.startswith("text/") or kind == "application/x-www-form-urlencoded"


def escaped(text):
    """Text-encoded: as between the quotes of a JSON text."""
    return json.dumps(text, ensure_ascii=False)[1:-1]


def arguments_of(request):
    kind = request.header("content-type").partition(";")[0].strip().lower()
    headers = {}
    for name, value in request.headers:
        if name.lower() != "connection":
            headers[canonical(name)] = value
    properties = dict(parse_qsl(request.query, keep_blank_values=True))
    args = {}
    if request.body:
        if is_text(kind):
            args["__ce_body"] = escaped(request.body.decode("utf-8", "replace"))
        else:
            args["__ce_body"] = base64.b64encode(request.body).decode("ascii")
        if is_json(kind):
            try:
                value = json.loads(request.body)
            except ValueError as error:
                raise BadRequest("The request body is not valid JSON: %s" % error) from None
            if isinstance(value, dict):
                properties.update(value)
    if any(name in properties for name in RESERVED):
        raise BadRequest("A request cannot set a parameter of the platform.")
    args.update(properties)
    args["__ce_method"] = request.method
    args["__ce_path"] = request.path
    args["__ce_query"] = request.query
    args["__ce_headers"] = headers
    return args


def headers_of(result):
    headers = result.get("headers") or {}
    if not isinstance(headers, dict):
        raise BadAnswer(422, "The headers are no object.")
    pairs = []
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            text = str(one).lower() if isinstance(one, bool) else str(one)
            pairs.append((str(name).lower(), text))
    return pairs


def body_of(result, kind):
    body = result.get("body")
    if body is None or body == "":
        return b"", kind
    if kind == "application/json":
        if not isinstance(body, (dict, list)):
            raise BadAnswer(400, "The body of an application/json answer must be an object or an array.")
        return json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogatepass"), kind
    if kind == "" and not isinstance(body, str):
        return json.dumps(body).encode("utf-8"), "application/json"
    if not isinstance(body, str):
        raise BadAnswer(400, "The body of the answer must be text.")
    if kind == "" or is_text(kind):
        return body.encode("utf-8", "surrogatepass"), kind
    try:
        return base64.b64decode(body, validate=True), kind
    except ValueError:
        raise BadAnswer(400, "The body of the answer is not valid base64.") from None


def answer_of(result):
    if not isinstance(result, dict):
        raise BadAnswer(422, "The function did not return a dictionary.")
    status = result.get("statusCode", 200)
    if isinstance(status, bool) or not isinstance(status, int) or not 200 <= status <= 599:
        raise BadAnswer(422, "The statusCode is not valid.")
    headers = headers_of(result)
    sent = next((value for name, value in headers if name == "content-type"), "")
    body, kind = body_of(result, sent.partition(";")[0].strip().lower())
    if not sent:
        headers.append(("content-type", kind or "text/plain; charset=utf-8"))
    headers.append(("x-faas-actionstatus", str(status)))
    return status, headers, body


def failed(status, message):
    text = message.replace("\r", " ").replace("\n", " ")
    headers = [("content-type", "application/json"), ("x-faas-errormessage", text)]
    return status, headers, json.dumps({"error": text}).encode()


def load():
    task = sys.argv[1]
    sys.path.insert(0, task)
    os.environ["PWD"] = task
    name = os.environ.pop("PYFOPS_CODE_MAIN")
    # The platform renames the file: it is imported, not run as a program.
    spec = importlib.util.spec_from_file_location("main__", os.path.join(task, "__main__.py"))
    module = importlib.util.module_from_spec(spec)
    sys.modules["main__"] = module
    spec.loader.exec_module(module)
    main = getattr(module, name)

    def answer(_, request):
        try:
            args = arguments_of(request)
        except BadRequest as error:
            return failed(400, str(error))
        try:
            result = main(args)
        except Exception as error:
            traceback.print_exc()
            return failed(500, "%s: %s" % (type(error).__name__, error))
        try:
            return answer_of(result)
        except BadAnswer as error:
            return failed(error.status, str(error))

    return answer


serve_http(load)
