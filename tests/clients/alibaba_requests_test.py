# SPDX-License-Identifier: Apache-2.0
"""Every request that the program sends to Alibaba Cloud in the life of a project, held against the official metadata
of Function Compute and STS."""

import base64
import functools
import json
import os
import pathlib
import re
import tempfile
import urllib.parse

import pytest
from alibaba_support import FAST
from conftest import NO_REFERENCE, REFERENCE, Cloud
from program import Project

SPECS = REFERENCE / "specs"
if not (SPECS / "alibaba-fc-20230330.schema.json").exists():
    pytest.skip(NO_REFERENCE, allow_module_level=True)

CODE = "def handler(event, context):\n    print('seen')\n    return %s\n"
# What transport and signature add to any operation, by the signature's documentation.
COMMON = re.compile(
    r"(host|authorization|accept|content-length|content-type|user-agent|connection|x-acs-(version|action|date|region-id"
    r"|signature-nonce|content-sha256|accesskey-id|security-token))$"
)


@functools.cache
def load(name):
    return json.loads((SPECS / name).read_text())


def schema():
    return load("alibaba-fc-20230330.schema.json")


def check_value(kind, value, where):
    """A value against a type of the schema: "string", "[ Tag ]", "map[string]string", "CreateFunctionInput"."""
    if kind.startswith("["):
        assert isinstance(value, list), "%s is no list" % where
        for one in value:
            check_value(kind.strip("[] "), one, where)
    elif kind.startswith("map["):
        assert isinstance(value, dict), "%s is no map" % where
        for name, one in value.items():
            check_value(kind.split("]", 1)[1], one, where + "." + name)
    elif kind in ("int32", "integer", "long", "int64"):
        assert isinstance(value, int) and not isinstance(value, bool), "%s is no whole number" % where
    elif kind in ("float", "double", "number"):
        assert isinstance(value, (int, float)) and not isinstance(value, bool), "%s is no number" % where
    elif kind == "boolean":
        assert isinstance(value, bool), "%s is no boolean" % where
    elif kind == "string":
        assert isinstance(value, str), "%s is no text" % where
    else:
        model = schema()["models"][kind]
        assert isinstance(value, dict), "%s is no object" % where
        unknown = set(value) - set(model)
        assert not unknown, "%s: the schema does not know %s" % (where, sorted(unknown))
        for name, member in model.items():
            if member["required"]:
                assert name in value, "%s has no %s" % (where, name)
            if name in value:
                check_value(member["type"], value[name], where + "." + name)


def operation_of(request):
    """The one operation whose path and method the request has, in all three sources alike."""
    path = urllib.parse.urlsplit(request["target"]).path
    found = []
    for one in schema()["operations"]:
        pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one["path"]))
        if one["method"] == request["method"] and re.fullmatch(pattern, path):
            found.append(one)
    assert len(found) == 1, "%s %s is %d operations" % (request["method"], path, len(found))
    meta = load("alibaba-fc-20230330.openapi-meta.json")["apis"][found[0]["action"]]
    assert meta["method"] == request["method"]
    assert re.fullmatch(re.sub(r"\\\[\w+\\\]", "[^/]+", re.escape(meta["pathPattern"])), path)
    return found[0], meta


def check_query(request, known, required):
    query = urllib.parse.parse_qsl(urllib.parse.urlsplit(request["target"]).query, keep_blank_values=True)
    names = [name for name, _ in query]
    assert len(names) == len(set(names)), "a parameter is there twice"
    assert set(names) <= set(known), "the metadata does not know %s" % sorted(set(names) - set(known))
    assert set(required) <= set(names), "a required parameter is missing"
    for name, value in query:
        if name in ("ResourceId", "Tag", "TagKey"):
            assert isinstance(json.loads(value), list), "%s is no list in JSON" % name
        if name == "limit":
            assert 1 <= int(value) <= 100


def check_fc(request):
    operation, meta = operation_of(request)
    headers = {name.lower(): value for name, value in request["headers"].items()}
    assert headers["x-acs-action"] == operation["action"] and headers["x-acs-version"] == "2023-03-30"
    known = {name.lower() for name in operation["header_params"]}
    unknown = [name for name in headers if not COMMON.match(name) and name not in known]
    assert not unknown, "the metadata does not know the headers %s" % unknown
    required = [p["name"] for p in meta["parameters"] if p["position"] == "Query" and p["required"]]
    check_query(request, operation["query"], required)
    body = base64.b64decode(request.get("body", ""))
    if operation["action"] == "InvokeFunction":
        assert headers["content-type"] == "application/octet-stream"
        assert headers.get("x-fc-invocation-type", "Sync") in ("Sync", "Async")
        assert headers.get("x-fc-log-type", "None") in ("None", "Tail")
    elif operation["request_model"] and "body" in schema()["models"][operation["request_model"]]:
        if "body" in request:  # the journal does not keep large ones
            assert headers["content-type"].startswith("application/json")
            kind = schema()["models"][operation["request_model"]]["body"]["type"]
            check_value(kind, json.loads(body), operation["action"])
    else:
        assert not body, "%s has no body" % operation["action"]
    return "fc:" + operation["action"]


def check_sts(request):
    headers = {name.lower(): value for name, value in request["headers"].items()}
    action = headers["x-acs-action"]
    api = load("alibaba-sts-20150401.api-docs.json")["apis"][action]
    assert request["method"].lower() in api["methods"] and headers["x-acs-version"] == "2015-04-01"
    query = urllib.parse.parse_qs(urllib.parse.urlsplit(request["target"]).query, strict_parsing=False)
    form = urllib.parse.parse_qs(base64.b64decode(request.get("body", "")).decode())
    given = set(query) | set(form)
    if not headers.get("authorization"):  # an anonymous call says in the query what it is
        assert query.pop("Action") == [action] and query.pop("Version") == ["2015-04-01"]
        given -= {"Action", "Version", "Format", "Timestamp"}
    known = {one["name"]: one["schema"]["required"] for one in api["parameters"]}
    assert given <= set(known), "the metadata does not know %s" % sorted(given - set(known))
    assert {name for name, needed in known.items() if needed} <= given
    return "sts:" + action


def check(entry):
    service = entry["operation"].split(":")[0]
    return {"fc": check_fc, "sts": check_sts}[service](entry["request"])


def project_file(trigger, **environment):
    functions = [
        {
            "name": "hello",
            "source": "hello",
            "handler": "hello:handler",
            "timeout": 5,
            "memory": [128, 256],
            "description": "An echo & more <ü>",
            "environment": environment,
            "tests": [{"name": "echo", "input": {"a": [1, "ü"]}, "expect": {"exact": {"a": [1, "ü"]}}}],
        },
        {"name": "large", "source": "large", "handler": "large:handler", "timeout": 5},
    ]
    deployments = [
        {"provider": "alibaba", "regions": ["eu-central-1", "cn-hangzhou"], "functions": ["hello"]},
        {"provider": "alibaba", "regions": "eu-central-1", "functions": ["large"]},
    ]
    settings = {"python": "3.10", "http_trigger": trigger, "tags": {"cost centre": "a+b/c=d @ e"}}
    return json.dumps(
        {
            "project": "gate",
            "functions": functions,
            "deployments": deployments,
            "providers": {"alibaba": settings},
        }
    )


def assume_roles(project, cloud):
    """What credentials cost: a profile that takes a role, and the token of an OIDC provider."""
    role = "acs:ram::0000000000000000:role/deployer"
    given = cloud.environment
    profile = {
        "name": "deployer",
        "mode": "RamRoleArn",
        "access_key_id": given["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        "access_key_secret": given["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        "sts_token": given["ALIBABA_CLOUD_SECURITY_TOKEN"],
        "ram_role_arn": role,
        "ram_session_name": "me",
        "expired_seconds": 900,
    }
    project.write("../home/.aliyun/config.json", json.dumps({"current": "deployer", "profiles": [profile]}))
    token = cloud.state / "cloud" / "identity" / "alibaba-token"
    points = {name: text for name, text in given.items() if "ENDPOINT" in name or "DISABLED" in name}
    oidc = {
        "ALIBABA_CLOUD_ROLE_ARN": role,
        "ALIBABA_CLOUD_OIDC_PROVIDER_ARN": "acs:ram::0000000000000000:oidc-provider/issuer",
        "ALIBABA_CLOUD_OIDC_TOKEN_FILE": str(token),
    }
    for more in ({}, oidc):
        asking = Project(project.folder, **points, **more)
        assert asking.run("list", "--from-cloud")["deployments"] == []


@pytest.fixture(scope="module")
def recorded():
    """The requests of create, test, logs, update, list and destroy."""
    with tempfile.TemporaryDirectory(prefix="pyfops-requests-") as directory:
        project = Project(pathlib.Path(directory) / "gate")
        state = project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        cloud = Cloud(state, faults={"settings": {"journal.requests": True, **FAST}})
        try:
            project.write("hello/hello.py", CODE % "event")
            project.write("large/large.py", CODE % "1")
            project.write("large/model.bin", os.urandom(51 << 20))
            project.write("pyfops.yaml", project_file("anonymous", MODE="a b&c"))
            assert project.run("run", "--local")["succeeded"]
            project.write("pyfops.yaml", project_file("function", MODE="slow", MORE="ü"))
            assert project.run("run", "--local", "--only", "function=hello,region=cn-hangzhou")["succeeded"]
            project.write("hello/hello.py", CODE % "dict(event)")
            project.write("pyfops.yaml", project_file("none"))
            assert project.run("run", "--local")["succeeded"]
            project.run("invoke", "large", "{}", "--local", "--logs")
            lines = project.run("logs", "large", "--local")["lines"]
            assert any(line["text"].startswith("seen") for line in lines)
            assert len(project.run("list", "--local", "--from-cloud")["deployments"]) == 5
            assert all(one["removed"] for one in project.run("destroy", "--yes", "--local")["deployments"])
            assume_roles(project, cloud)
            yield [entry for entry in cloud.requests() if entry["operation"] and "request" in entry]
        finally:
            cloud.stop()


EXPECTED = {
    "fc": "CreateFunction CreateTrigger DeleteFunction DeleteTrigger GetFunction GetTrigger InvokeFunction ListFunctions"
    " ListTriggers TagResources UpdateFunction UpdateTrigger",
    "sts": "AssumeRole AssumeRoleWithOIDC GetCallerIdentity",
    "oss": "DeleteBucket DeleteObject GetBucketInfo GetBucketTags ListObjectsV2 PutBucket PutBucketTags PutObject",
    "log": "GetLogs",
}


def described(recorded):
    return [entry for entry in recorded if entry["operation"].startswith(("fc:", "sts:"))]


def test_every_request_is_what_the_metadata_says(recorded):
    for entry in described(recorded):
        try:
            name = check(entry)
        except Exception as error:
            raise AssertionError("%s %s: %s" % (entry["operation"], entry["request"], error)) from error
        assert name == entry["operation"]
    assert {entry["operation"] for entry in recorded} >= {
        service + ":" + name for service, operations in EXPECTED.items() for name in operations.split()
    }


def test_nothing_was_refused_but_what_is_asked_for(recorded):
    """Absent functions, triggers and buckets are looked for; every other request is taken."""
    odd = [(entry["operation"], entry["status"]) for entry in recorded if entry["status"] >= 400]
    assert set(odd) <= {
        ("fc:GetFunction", 404),
        ("fc:GetTrigger", 404),
        ("oss:GetBucketInfo", 404),
        ("oss:GetBucketTags", 404),
    }


def samples(recorded):
    """One request of each operation, the one with most to say."""
    best = {}
    for entry in described(recorded):
        size = len(entry["request"].get("body", "")) + len(entry["request"]["target"])
        if size > best.get(entry["operation"], (0,))[0]:
            best[entry["operation"]] = (size, entry)
    return [entry for _, entry in best.values()]


def refused(entry, **change):
    with pytest.raises((AssertionError, KeyError)):
        check({**entry, "request": {**entry["request"], **change}})


def test_every_renamed_member_is_seen(recorded):
    """Members of bodies, at any depth, names of the query and of headers: one letter more, and the check fails."""
    renamed = 0
    for entry in samples(recorded):
        seen = entry["request"]
        path, _, query = seen["target"].partition("?")
        for part in filter(None, query.split("&")):
            if part.split("=")[0] in ("Format", "Timestamp"):
                continue
            refused(entry, target=path + "?" + query.replace(part, "Z" + part))
            renamed += 1
        refused(entry, headers={**seen["headers"], "x-fc-unknown": "1"}) if entry["operation"][
            0
        ] == "f" else None
        if entry["operation"] == "fc:InvokeFunction" or not seen.get("body"):
            continue
        body = base64.b64decode(seen["body"]).decode()
        members = re.findall(r'"(\w+)":', body) if body.startswith("{") else []
        for member in set(members) - {
            "MODE",
            "MORE",
            "PYFOPS_URL",
            "PYFOPS_PROBE_KEY",
            "authType",
            "methods",
        }:
            changed = re.sub(r'"%s":' % member, '"Z%s":' % member, body)
            if changed.count('"Z') > 0 and member not in ("disableURLInternet",):
                refused(entry, body=base64.b64encode(changed.encode()).decode())
                renamed += 1
    assert renamed >= 35


@pytest.mark.parametrize(
    "operation, old, new",
    [
        ("fc:CreateFunction", r'"memorySize":\d+', '"memorySize":"128"'),
        ("fc:CreateFunction", r'"memorySize":\d+', '"memorySize":128.5'),
        ("fc:CreateFunction", r'"cpu":[^,]+', '"cpu":"0.1"'),
        ("fc:CreateFunction", r'"handler":"[^"]*",', ""),
        ("fc:CreateFunction", r'"runtime":"[^"]*",', ""),
        ("fc:CreateFunction", r'"tags":\[.*?\]', '"tags":{"a":"b"}'),
        ("fc:CreateFunction", r'"Key"', '"key"'),
        ("fc:CreateFunction", r'"MODE":"[^"]*"', '"MODE":1'),
        ("fc:CreateTrigger", r'"triggerConfig":"(?:\\.|[^"\\])*"', '"triggerConfig":{}'),
        ("fc:CreateTrigger", r'"triggerType":"http",?', ""),
        ("fc:TagResources", r'"ResourceId":\[(.*?)\]', r'"ResourceId":\1'),
        ("fc:UpdateFunction", r'"code":\{', '"code":{"x":1,'),
    ],
)
def test_wrong_values_are_seen(recorded, operation, old, new):
    tried = 0
    for entry in described(recorded):
        if entry["operation"] != operation or not entry["request"].get("body"):
            continue
        body = base64.b64decode(entry["request"]["body"]).decode()
        changed = re.sub(old, new, body, count=1)
        if changed == body:
            continue
        check(entry)
        refused(entry, body=base64.b64encode(changed.encode()).decode())
        tried += 1
    assert tried


def test_other_methods_and_paths_are_seen(recorded):
    for entry in samples(recorded):
        if entry["operation"].startswith("fc:"):
            refused(entry, method="PATCH")
            refused(entry, target=entry["request"]["target"].replace("2023-03-30", "2021-04-06"))
            refused(
                entry,
                headers={**entry["request"]["headers"], "x-acs-action": "Other", "X-Acs-Action": "Other"},
            )
