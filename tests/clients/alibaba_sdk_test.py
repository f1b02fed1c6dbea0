# SPDX-License-Identifier: Apache-2.0
"""The local cloud's Function Compute, seen by the official SDK."""

import base64
import json
import time
import urllib.parse
import urllib.request

import alibaba_support as ali
import pytest
from alibaba_support import Fc, fc_models, local_cloud
from conftest import http
from darabonba.exceptions import DaraException


@pytest.fixture(scope="module")
def cloud():
    with local_cloud() as running:
        yield running


@pytest.fixture(scope="module")
def fc(cloud):
    return Fc(cloud)


def refused(call, *words, **more):
    """The code that a call is refused with."""
    with pytest.raises(DaraException) as caught:
        call(*words, **more)
    return caught.value.code


def test_the_life_of_a_function(fc, cloud):
    cloud.faults(alibaba__pending_ms=1500, alibaba__update_ms=1500)  # to be seen in between
    made = fc.create(
        "life",
        wait=False,
        environment_variables={"A": "ü"},
        description="one",
        tags=[fc_models.Tag(key="team", value="x")],
    )
    assert made.function_arn == "acs:fc:cn-hangzhou:%s:functions/life" % ali.ACCOUNT
    assert (made.state, made.state_reason_code) == ("Pending", "Creating")
    ready = fc.wait("life")
    assert ready.environment_variables == {"A": "ü"} and ready.cpu == 0.1 and ready.memory_size == 128
    assert [(tag.key, tag.value) for tag in ready.tags] == [("team", "x")]
    assert refused(fc.create, "life") == "FunctionAlreadyExists"

    headers, body = fc.invoke("life", {"n": [1, "ü", None]})
    assert json.loads(body) == {"event": {"n": [1, "ü", None]}, "name": "life"}
    log = base64.b64decode(headers["x-fc-log-result"]).decode()
    request = headers["x-fc-request-id"]
    assert log.startswith("FC Invoke Start RequestId: %s\nseen %s\n" % (request, request))
    assert log.endswith("FC Invoke End RequestId: %s\n" % request)
    assert float(headers["x-fc-invocation-duration"]) >= 0 and float(headers["x-fc-max-memory-usage"]) > 0
    assert headers["x-fc-code-checksum"] == ready.code_checksum
    assert "x-fc-error-type" not in headers

    changed = fc.update("life", memory_size=256, cpu=0.25)
    assert (changed.memory_size, changed.last_update_status) == (256, "InProgress")
    assert refused(fc.update, "life", timeout=20) == "ConcurrentUpdateError"
    assert fc.wait("life").environment_variables == {"A": "ü"}  # what is not sent stays
    fc.update("life", code="def handler(event, context):\n    return b'new'\n")
    fc.wait("life")
    assert fc.invoke("life")[1] == b"new"
    assert "x-fc-log-result" not in fc.invoke("life", log="None")[0]

    assert fc.client.delete_function("life").status_code == 204
    assert refused(fc.get, "life") == "FunctionNotFound"
    assert refused(fc.client.delete_function, "life") == "FunctionNotFound"
    cloud.faults()


def test_the_code_can_be_fetched_by_who_was_told_where(fc):
    made = fc.create("code", {"main.py": "def handler(e, c):\n    return e\n"})
    answer = fc.client.get_function_code("code", fc_models.GetFunctionCodeRequest()).body
    assert answer.checksum == made.code_checksum
    with urllib.request.urlopen(answer.url) as download:
        assert download.read().startswith(b"PK")
    assert http("GET", answer.url[:-1] + "x")[0] == 403


def test_lists_have_pages_and_a_prefix(fc):
    for name in ("page-a", "page-b", "page-c"):
        fc.create(name, wait=False)
    seen, token = [], None
    while True:
        request = fc_models.ListFunctionsRequest(prefix="page-", limit=2, next_token=token)
        page = fc.client.list_functions(request).body
        assert len(page.functions) <= 2
        seen += [one.function_name for one in page.functions]
        token = page.next_token
        if not token:
            break
    assert seen == ["page-a", "page-b", "page-c"]
    assert refused(fc.client.list_functions, fc_models.ListFunctionsRequest(limit=101)) == "InvalidArgument"


@pytest.mark.parametrize(
    "change",
    [
        {"memory_size": 100},
        {"memory_size": 32832, "cpu": 16},
        {"memory_size": 1024, "cpu": 0.2},  # less than 1:4
        {"memory_size": 128, "cpu": 0.15},  # more than 1:1
        {"cpu": 0.12},
        {"timeout": 86401},
        {"timeout": 0},
        {"disk_size": 1024},
        {"runtime": "python2.7"},
        {"handler": ""},
        {"environment_variables": {"FC_X": "1"}},
        {"environment_variables": {"9X": "1"}},
        {"environment_variables": {"X": "x" * 4096}},
        {"instance_concurrency": 201},
        {"tags": [fc_models.Tag(key="acs:x", value="1")]},
        {"log_config": fc_models.LogConfig(project="none", logstore="none")},
    ],
    ids=str,
)
def test_limits(fc, change):
    assert refused(fc.create, "limits", **change) == "InvalidArgument"
    assert refused(fc.get, "limits") == "FunctionNotFound"


def test_names_and_packages_that_cannot_be(fc):
    for name in ("1x", "-x", "a b", "x" * 129):
        assert refused(fc.create, name) == "InvalidArgument"
    broken = fc_models.InputCodeLocation(zip_file=base64.b64encode(b"no zip").decode())
    given = {"function_name": "broken", "runtime": "python3.10", "handler": "main.handler"}
    for code in (
        broken,
        fc_models.InputCodeLocation(zip_file="*"),
        fc_models.InputCodeLocation(zip_file=ali.code_of("x = 1\n").zip_file, checksum="1"),
        fc_models.InputCodeLocation(oss_bucket_name="none", oss_object_name="none"),
    ):
        wanted = fc_models.CreateFunctionInput(**given, code=code)
        assert (
            refused(fc.client.create_function, fc_models.CreateFunctionRequest(wanted)) == "InvalidArgument"
        )


def test_functions_that_fail_answer_200_and_say_so(fc):
    code = """
        import os, sys, time

        def handler(event, context):
            what = event.decode()
            if what == "raise":
                raise ValueError("boom")
            if what == "exit":
                os._exit(3)
            if what == "sleep":
                time.sleep(5)
            if what == "memory":
                keep = [bytearray(8 << 20) for _ in range(100)]
                return str(len(keep))
            return what
    """
    fc.create("fail", code, timeout=2)
    headers, body = fc.invoke("fail", raw=b"raise")
    assert headers["x-fc-error-type"] == "UnhandledInvocationError"
    document = json.loads(body)
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "boom")
    assert "main.py" in "".join(document["stackTrace"]) and "requestId" not in document
    headers, body = fc.invoke("fail", raw=b"exit")
    assert headers["x-fc-error-type"] and "Process exited unexpectedly" in json.loads(body)["errorMessage"]
    headers, body = fc.invoke("fail", raw=b"sleep")
    assert headers["x-fc-error-type"] and "timed out after 2 seconds" in json.loads(body)["errorMessage"]
    headers, body = fc.invoke("fail", raw=b"memory")
    assert headers["x-fc-error-type"] and "Process exited unexpectedly" in json.loads(body)["errorMessage"]
    assert float(headers["x-fc-max-memory-usage"]) == 128  # all that it had
    assert fc.invoke("fail", raw=b"fine")[1] == b"fine"  # on a new instance

    fc.create("unimportable", "import nothing_of_that_name\n")
    headers, body = fc.invoke("unimportable")
    assert headers["x-fc-error-type"] and json.loads(body)["errorType"] == "ImportModuleError"
    fc.create("headless", "x = 1\n")
    assert json.loads(fc.invoke("headless")[1])["errorType"] == "HandlerNotFound"


def test_what_a_handler_sees(fc):
    code = """
        import json, os

        def handler(event, context):
            names = [n for n in vars(context) if n != "logger"]
            return {
                "type": type(event).__name__, "names": sorted(names), "function": sorted(vars(context.function)),
                "memory": context.function.memory, "timeout": context.function.timeout, "region": context.region,
                "account": context.account_id, "runtime": os.environ["FC_RUNTIME"],
                "key": os.environ.get("ALIBABA_CLOUD_ACCESS_KEY_ID"),
            }
    """
    role = "acs:ram::%s:role/fc" % ali.ACCOUNT
    fc.create("old", code, runtime="python3.10", role=role)
    fc.create("new", code, runtime="python3.12")
    old, new = (json.loads(fc.invoke(name)[1]) for name in ("old", "new"))
    assert old["type"] == new["type"] == "bytes"
    assert old["names"] == ["account_id", "credentials", "function", "region", "request_id", "service"]
    assert new["names"] == ["account_id", "function", "log_project", "log_store", "region", "request_id"]
    assert old["function"] == ["handler", "memory", "name", "timeout"]
    assert set(new["function"]) > {"version_id", "qualifier"}
    assert (old["memory"], old["timeout"], old["region"], old["account"]) == (
        128,
        10,
        "cn-hangzhou",
        ali.ACCOUNT,
    )
    assert old["key"].startswith("STS.") and new["key"] is None  # without a role there are no keys


def test_keys_of_a_function_cannot_administer(cloud, fc):
    code = """
        import json, os

        def handler(event, context):
            return json.dumps([os.environ["ALIBABA_CLOUD_" + n] for n in
                               ("ACCESS_KEY_ID", "ACCESS_KEY_SECRET", "SECURITY_TOKEN")])
    """
    fc.create("keys", code, role="acs:ram::%s:role/fc" % ali.ACCOUNT)
    key, secret, token = json.loads(fc.invoke("keys")[1])
    own = Fc(cloud, key=key, secret=secret, token=token)
    assert json.loads(own.invoke("keys")[1])[0] == key
    assert refused(own.get, "keys") == "AccessDenied"
    assert refused(own.client.delete_function, "keys") == "AccessDenied"


def test_events_that_nobody_waits_for_are_tried_again(cloud, fc):
    code = """
        def handler(event, context):
            print("attempt", event.decode())
            raise RuntimeError("never mind")
    """
    log = fc_models.LogConfig(project="pyfops-local", logstore="default-logs")
    fc.create("later", code, log_config=log)
    assert fc.invoke("later", {"n": 1}, kind="Async")[1] == b""

    def attempts():
        return [
            one
            for one in ali.log_lines(cloud, "cn-hangzhou", "later")
            if one["message"] == 'attempt {"n": 1}'
        ]

    for _ in range(100):
        if len(attempts()) == 4:
            break
        time.sleep(0.05)
    time.sleep(0.3)  # and no fifth time
    assert len(attempts()) == 4
    assert len({one["requestId"] for one in attempts()}) == 1
    assert ali.log_lines(cloud, "eu-central-1", "later") == []
    assert refused(fc.invoke, "later", "x" * (128 << 10), kind="Async") == "EntityTooLarge"
    assert refused(fc.invoke, "later", kind="Perhaps") == "InvalidArgument"


def test_tags(fc):
    arns = [fc.create(name, wait=False).function_arn for name in ("tag-a", "tag-b")]

    def listed(**more):
        request = fc_models.ListTagResourcesRequest(resource_type="FUNCTION", **more)
        found = fc.client.list_tag_resources(request).body.tag_resources or []
        return {(one.resource_id.rsplit("/", 1)[1], one.tag_key, one.tag_value) for one in found}

    tags = [
        fc_models.Tag(key="team", value="a+b/ü"),
        fc_models.Tag(key="x", value="1"),
    ]
    fc.client.tag_resources(
        fc_models.TagResourcesRequest(
            fc_models.TagResourcesInput(resource_id=arns[:1], resource_type="FUNCTION", tag=tags)
        )
    )
    assert listed(resource_id=arns) == {("tag-a", "team", "a+b/ü"), ("tag-a", "x", "1")}
    wanted = [fc_models.Tag(key="team", value="a+b/ü")]
    assert listed(tag=wanted) == {("tag-a", "team", "a+b/ü"), ("tag-a", "x", "1")}
    assert listed(tag=[fc_models.Tag(key="team", value="other")]) == set()
    fc.client.untag_resources(
        fc_models.UntagResourcesRequest(resource_id=arns[:1], resource_type="FUNCTION", tag_key=["x"])
    )
    assert listed(resource_id=arns) == {("tag-a", "team", "a+b/ü")}
    many = [fc_models.Tag(key="k%d" % n, value="v") for n in range(21)]
    over = fc_models.TagResourcesInput(resource_id=arns[:1], resource_type="FUNCTION", tag=many)
    assert refused(fc.client.tag_resources, fc_models.TagResourcesRequest(over)) == "InvalidArgument"
    gone = fc_models.TagResourcesInput(resource_id=[arns[0] + "x"], resource_type="FUNCTION", tag=tags)
    assert refused(fc.client.tag_resources, fc_models.TagResourcesRequest(gone)) == "FunctionNotFound"


def test_versions_and_aliases_keep_what_was_there(fc):
    fc.create("versioned", "def handler(e, c):\n    return 'one'\n")
    publish = fc_models.PublishFunctionVersionRequest(fc_models.PublishVersionInput(description="first"))
    version = fc.client.publish_function_version("versioned", publish).body
    assert (version.version_id, version.description) == ("1", "first")
    fc.update("versioned", code="def handler(e, c):\n    return 'two'\n")
    fc.wait("versioned")
    alias = fc_models.CreateAliasInput(alias_name="stable", version_id="1")
    assert fc.client.create_alias("versioned", fc_models.CreateAliasRequest(alias)).body.version_id == "1"
    assert fc.invoke("versioned", qualifier="stable")[1] == b"one"
    assert fc.invoke("versioned", qualifier="1")[1] == b"one"
    assert fc.invoke("versioned")[1] == b"two"
    assert refused(fc.invoke, "versioned", qualifier="7") == "VersionNotFound"
    assert refused(fc.client.delete_function_version, "versioned", "1") == "VersionInUse"
    listed = fc.client.list_function_versions("versioned", fc_models.ListFunctionVersionsRequest()).body
    assert [one.version_id for one in listed.versions] == ["1"]
    fc.client.delete_alias("versioned", "stable")
    assert refused(fc.client.get_alias, "versioned", "stable") == "AliasNotFound"
    fc.client.delete_function_version("versioned", "1")


def test_reserved_concurrency_throttles(fc):
    fc.create("narrow")
    assert refused(fc.client.get_concurrency_config, "narrow") == "ConcurrencyConfigNotFound"
    wanted = fc_models.PutConcurrencyConfigRequest(fc_models.PutConcurrencyInput(reserved_concurrency=0))
    assert fc.client.put_concurrency_config("narrow", wanted).body.reserved_concurrency == 0
    assert refused(fc.invoke, "narrow") == "ResourceExhausted"
    fc.client.delete_concurrency_config("narrow")
    assert fc.invoke("narrow", 1)[1]


def test_triggers_and_their_urls(cloud, fc):
    code = """
        import json

        def handler(event, context):
            event = json.loads(event)
            http = event["requestContext"]["http"]
            told = {"method": http["method"], "path": event["rawPath"], "query": event["queryParameters"],
                    "body": event["body"], "base64": event["isBase64Encoded"], "version": event["version"]}
            return json.dumps({"statusCode": 207, "headers": {"X-Own": "1"}, "isBase64Encoded": False,
                               "body": json.dumps(told)})
    """
    fc.create("web", code)
    made = fc.trigger("web")
    url = made.http_trigger.url_internet
    assert url.startswith(cloud.url + "/") and url.endswith(".cn-hangzhou.fcapp.run/")
    assert refused(fc.trigger, "web") == "TriggerAlreadyExists"
    assert refused(fc.trigger, "web", trigger="second") == "TriggerAlreadyExists"
    status, headers, body = http(
        "POST", url + "a%20b?q=1&u=%C3%BC", b'{"n": 1}', {"Content-Type": "application/json"}
    )
    assert status == 207 and headers["X-Own"] == "1"
    assert json.loads(body) == {
        "method": "POST",
        "path": "/a b",
        "query": {"q": "1", "u": "ü"},
        "body": '{"n": 1}',
        "base64": False,
        "version": "v1",
    }
    binary = json.loads(http("POST", url, b"\xff\x00", {"Content-Type": "image/png"})[2])
    assert (binary["base64"], base64.b64decode(binary["body"])) == (True, b"\xff\x00")
    assert http("PUT", url, b"x")[0] == 405

    change = fc_models.UpdateTriggerInput(
        trigger_config=json.dumps({"authType": "function", "methods": ["GET"]})
    )
    fc.client.update_trigger("web", "web", fc_models.UpdateTriggerRequest(change))
    assert http("GET", url)[0] == 403
    path = urllib.parse.urlsplit(url).path
    for payload in (None, "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"):
        headers = ali.signed(cloud, "GET", path, payload=payload, x_acs_content_sha256=None)
        assert http("GET", url, headers=headers)[0] == 207
    headers["Authorization"] = headers["Authorization"][:-4] + "0000"
    assert http("GET", url, headers=headers)[0] == 403

    assert refused(fc.client.delete_function, "web") == "FunctionNotEmpty"
    assert [
        one.trigger_name
        for one in fc.client.list_triggers("web", fc_models.ListTriggersRequest()).body.triggers
    ] == ["web"]
    assert fc.client.delete_trigger("web", "web").status_code == 204
    assert http("GET", url)[0] == 404
    fc.client.delete_function("web")


def test_regions_are_apart_and_named_by_host_or_header(cloud, fc):
    regions = fc.client.describe_regions(fc_models.DescribeRegionsRequest()).body
    assert "eu-central-1" in json.dumps(regions.to_map())
    fc.create("here")
    path = "/2023-03-30/functions/here"
    assert ali.send(cloud, "GET", path, ali.signed(cloud, "GET", path))[0] == 200
    elsewhere = ali.signed(cloud, "GET", path, x_acs_region_id="eu-central-1")
    assert ali.send(cloud, "GET", path, elsewhere)[2]["Code"] == "FunctionNotFound"
    nowhere = ali.signed(cloud, "GET", path, x_acs_region_id="mars-1")
    assert ali.send(cloud, "GET", path, nowhere)[2]["Code"] == "InvalidRegionId"
    for host, found in (
        ("fcv3.cn-hangzhou.aliyuncs.com", 200),
        ("123.cn-hangzhou.fc.aliyuncs.com", 200),
        ("fcv3.eu-central-1.aliyuncs.com", 404),
    ):
        assert ali.send(cloud, "GET", "/" + host + path, ali.signed(cloud, "GET", path))[0] == found


def test_it_remembers_over_a_restart(fc, cloud):
    fc.create("durable", "def handler(e, c):\n    return 'still'\n")
    cloud.stop(kill=True)
    cloud.start()
    again = Fc(cloud)
    assert again.get("durable").function_name == "durable"
    assert again.invoke("durable")[1] == b"still"
    fc.client = again.client
