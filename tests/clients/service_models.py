# SPDX-License-Identifier: Apache-2.0
"""Requests held against botocore's models of the services. A request, as it was on the wire, is read into the parameters
of its operation; botocore validates these and serialises them again; both requests must then say the same."""

import base64
import collections
import functools
import json
import re
import urllib.parse
import xml.etree.ElementTree as xml

import botocore.loaders
import botocore.model
import botocore.serialize
import botocore.utils
import botocore.validate

# What transport, signature and checksums add to any operation.
COMMON = re.compile(
    r"(host|authorization|user-agent|accept|accept-encoding|connection|content-length|content-md5|content-type|expect"
    r"|transfer-encoding|content-encoding|amz-sdk-.*|x-amz-user-agent|x-amz-date|x-amz-security-token|x-amz-target"
    r"|x-amz-content-sha256|x-amz-decoded-content-length|x-amz-trailer|x-amz-sdk-checksum-algorithm)$"
)
CHECKSUM = re.compile("x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$")

Read = collections.namedtuple("Read", "service operation parameters")


@functools.cache
def service(name):
    loader = botocore.loaders.Loader()
    return botocore.model.ServiceModel(loader.load_service_model(name, "service-2"), name)


class Wire:
    """A request of the emulator's journal, taken apart."""

    def __init__(self, seen):
        url = urllib.parse.urlsplit(seen["target"])
        self.method, self.path = seen["method"], url.path
        self.query = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        self.headers = {name.lower(): value for name, value in seen["headers"].items()}
        # The journal does not keep large bodies.
        self.body = base64.b64decode(seen["body"]) if "body" in seen else None

    def form(self):
        return urllib.parse.parse_qs((self.body or b"").decode(), keep_blank_values=True, strict_parsing=True)


def uri(operation):
    """(expression of the path, fixed part of the query)"""
    path, _, query = operation.http["requestUri"].partition("?")
    path = re.sub(
        r"\\\{(\w+)\\\+\\\}", r"(?P<\1>.+)", re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
    )
    fixed = urllib.parse.parse_qs(query, keep_blank_values=True)
    fixed.pop("x-id", None)  # the SDKs' way to tell operations apart in logs
    return re.compile(path + "/?$"), fixed


def operation_of(wire):
    if target := wire.headers.get("x-amz-target"):
        prefix, _, name = target.partition(".")
        found = service("logs")
        assert found.metadata["targetPrefix"] == prefix
        assert wire.headers["content-type"] == "application/x-amz-json-" + found.metadata["jsonVersion"]
        return found, found.operation_model(name)
    if wire.method == "POST" and wire.path == "/":
        form = wire.form()
        for found in (service("iam"), service("sts")):
            if form["Version"] == [found.api_version]:
                return found, found.operation_model(form["Action"][0])
    for found in (service("lambda"), service("s3")):
        fitting = []
        for name in found.operation_names:
            operation = found.operation_model(name)
            path, fixed = uri(operation)
            if (
                operation.http["method"] != wire.method
                or not path.match(wire.path)
                or not fixed.items() <= wire.query.items()
            ):
                continue
            members = operation.input_shape.members if operation.input_shape else {}
            needed = [
                members[name].serialization
                for name in (operation.input_shape.required_members if members else ())
            ]
            if all(
                one["name"].lower() in wire.headers
                if one["location"] == "header"
                else one["name"] in wire.query
                for one in needed
                if one.get("location") in ("header", "querystring")
            ):
                fitting.append((len(fixed), len(needed), operation))
        if fitting:
            return found, max(fitting, key=lambda one: one[:2])[2]
    raise AssertionError("no model has an operation for %s %s" % (wire.method, wire.path))


def scalar(shape, text):
    """A value that came as text: in the path, the query, a header, a form, an element."""
    if shape.type_name in ("integer", "long"):
        return int(text)
    if shape.type_name in ("float", "double"):
        return float(text)
    if shape.type_name == "boolean":
        assert text in ("true", "false"), "%r is no boolean" % text
        return text == "true"
    if shape.type_name == "timestamp":
        return botocore.utils.parse_timestamp(text)
    return base64.b64decode(text, validate=True) if shape.type_name == "blob" else text


def wire_names(shape):
    return {kind.serialization.get("name", member): (member, kind) for member, kind in shape.members.items()}


def known_headers(shape):
    return {
        name.lower()
        for name, (_, kind) in wire_names(shape).items()
        if kind.serialization.get("location") == "header"
    }


def from_json(shape, value):
    if shape.type_name == "structure" and isinstance(value, dict):
        names = wire_names(shape)
        unknown = sorted(set(value) - set(names))
        assert not unknown, "the model does not know %s" % unknown
        return {names[name][0]: from_json(names[name][1], inner) for name, inner in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [from_json(shape.member, inner) for inner in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: from_json(shape.value, inner) for name, inner in value.items()}
    if shape.type_name == "blob" and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    return value


def from_form(shape, form, prefix=""):
    """Takes what belongs to the shape out of the form."""
    if shape.type_name == "structure":
        found = {}
        for name, (member, kind) in wire_names(shape).items():
            inner = from_form(kind, form, prefix + "." + name if prefix else name)
            if inner is not None:
                found[member] = inner
        return found or None
    if shape.type_name == "list":
        if not shape.serialization.get("flattened"):
            prefix += "." + shape.member.serialization.get("name", "member")
        items = []
        while (inner := from_form(shape.member, form, "%s.%d" % (prefix, len(items) + 1))) is not None:
            items.append(inner)
        return items or None
    return scalar(shape, form.pop(prefix)[0]) if prefix in form else None


def from_xml(shape, element):
    if shape.type_name == "structure":
        names, found = wire_names(shape), {}
        for inner in element:
            name = inner.tag.rpartition("}")[2]
            assert name in names, "the model does not know %s" % name
            member, kind = names[name]
            if kind.type_name == "list" and kind.serialization.get("flattened"):
                found.setdefault(member, []).append(from_xml(kind.member, inner))
            else:
                found[member] = from_xml(kind, inner)
        return found
    if shape.type_name == "list":
        return [from_xml(shape.member, inner) for inner in element]
    return scalar(shape, element.text or "")


def read(seen):
    wire = Wire(seen)
    found, operation = operation_of(wire)
    shape, parameters = operation.input_shape, {}
    if shape is None:
        return Read(found, operation, parameters)
    if found.protocol == "query":
        form = wire.form()
        del form["Action"], form["Version"]
        parameters = from_form(shape, form) or {}
        assert not form, "the model does not know %s" % sorted(form)
        return Read(found, operation, parameters)
    if found.protocol == "json":
        return Read(found, operation, from_json(shape, json.loads(wire.body)))

    path, fixed = uri(operation)
    place, payload = path.match(wire.path), shape.serialization.get("payload")
    query = {name: values for name, values in wire.query.items() if name not in fixed and name != "x-id"}
    extra = {name for name in wire.headers if not COMMON.match(name)}
    body = {}
    if (operation.http_checksum or {}).get("requestAlgorithmMember"):
        extra = {name for name in extra if not CHECKSUM.match(name) or name in known_headers(shape)}
    for member, kind in shape.members.items():
        where, name = kind.serialization.get("location"), kind.serialization.get("name", member)
        if where == "uri":
            parameters[member] = scalar(kind, urllib.parse.unquote(place.group(name)))
        elif where == "querystring" and name in query:
            values = query.pop(name)
            parameters[member] = values if kind.type_name == "list" else scalar(kind, values[0])
        elif (
            where == "header"
            and name.lower() in wire.headers
            and (name.lower() in extra or name == "Content-Type")
        ):
            extra.discard(name.lower())
            parameters[member] = scalar(kind, wire.headers[name.lower()])
        elif where is None:
            body[member] = kind
    if payload and body[payload].type_name in ("blob", "string"):
        if wire.body is not None:
            parameters[payload] = wire.body
    elif wire.body and found.protocol == "rest-xml":
        root = xml.fromstring(wire.body)
        name = body[payload].serialization.get("name", body[payload].name)
        assert root.tag.rpartition("}")[2] == name, "the model wants %s, not %s" % (name, root.tag)
        parameters[payload] = from_xml(body[payload], root)
    elif wire.body:
        content = json.loads(wire.body)
        if payload:
            parameters[payload] = from_json(body[payload], content)
        else:
            names = {kind.serialization.get("name", member) for member, kind in body.items()}
            unknown = sorted(set(content) - names)
            assert not unknown, "the model does not know %s" % unknown
            parameters.update(from_json(shape, content))
    assert not query, "the model does not know the query's %s" % sorted(query)
    assert not extra, "the model does not know the headers %s" % sorted(extra)
    return Read(found, operation, parameters)


def canonical(element):
    return (element.tag, (element.text or "").strip(), sorted(map(canonical, element)))


def compare(wire, request, protocol):
    """The request on the wire beside the one that botocore makes of the same parameters."""

    def same(what, ours, theirs):
        assert ours == theirs, "%s: %r, botocore makes %r" % (what, ours, theirs)

    same("the method", wire.method, request["method"])
    path, _, fixed = request["url_path"].partition("?")
    same("the path", urllib.parse.unquote(wire.path).rstrip("/"), urllib.parse.unquote(path).rstrip("/"))
    query = urllib.parse.parse_qs(fixed, keep_blank_values=True)
    for name, value in dict(request["query_string"]).items():
        query[name] = [str(one) for one in value] if isinstance(value, list) else [str(value)]
    for one in (query, wire.query):
        one.pop("x-id", None)
    same("the query", wire.query, query)
    for name, value in request["headers"].items():
        if name != "Content-Type" or protocol != "query":
            same(name, wire.headers.get(name.lower()), str(value))
    body = request["body"]
    if wire.body is None:
        return
    if protocol == "query":
        same("the form", wire.form(), {name: [str(value)] for name, value in body.items()})
    elif not wire.body or not body:
        same("the body", wire.body or b"", body or b"")
    elif protocol == "rest-xml" and body.startswith(b"<"):
        same("the body", canonical(xml.fromstring(wire.body)), canonical(xml.fromstring(body)))
    elif protocol == "rest-xml":
        same("the body", wire.body, body)
    else:
        same("the body", json.loads(wire.body), json.loads(body))


def check(seen):
    """ "service:Operation" of a request that is as the model says; an AssertionError for any other."""
    try:
        found = read(seen)
    except (
        LookupError,
        ValueError,
        TypeError,
        xml.ParseError,
        botocore.model.OperationNotFoundError,
    ) as error:
        raise AssertionError("this cannot be read: %r" % error) from error
    if found.operation.input_shape is not None:
        report = botocore.validate.ParamValidator().validate(found.parameters, found.operation.input_shape)
        assert not report.has_errors(), report.generate_report()
    serializer = botocore.serialize.create_serializer(found.service.protocol, include_validation=False)
    request = serializer.serialize_to_request(found.parameters, found.operation)
    compare(Wire(seen), request, found.service.protocol)
    return "%s:%s" % (found.service.service_name, found.operation.name)
