# SPDX-License-Identifier: Apache-2.0
"""Alibaba Cloud's official clients, pointed at a local cloud, and signatures made by their own code."""

import contextlib
import hashlib
import hmac
import io
import json
import pathlib
import tempfile
import time
import urllib.parse
import uuid

from alibabacloud_fc20230330 import models as fc_models
from alibabacloud_fc20230330.client import Client as FcClient
from alibabacloud_sts20150401.client import Client as StsClient
from alibabacloud_tea_openapi.utils import Utils
from alibabacloud_tea_openapi.utils_models import Config
from conftest import Cloud, http, zipped
from darabonba.runtime import RuntimeOptions

ACCOUNT = "0000000000000000"
FAST = {"alibaba.pending_ms": 30, "alibaba.update_ms": 30, "alibaba.async_retry_ms": 50}

HANDLER = """
    import json, os, sys

    def handler(event, context):
        print("seen", context.request_id)
        return json.dumps({"event": json.loads(event), "name": context.function.name})
"""


@contextlib.contextmanager
def local_cloud(**settings):
    with tempfile.TemporaryDirectory(prefix="pyfops-cloud-") as directory:
        running = Cloud(pathlib.Path(directory) / "state", faults={"settings": {**FAST, **settings}})
        try:
            yield running
        finally:
            running.stop()


def host_of(cloud):
    return urllib.parse.urlsplit(cloud.url).netloc


def config(cloud, region=None, key=None, secret=None, token=None):
    given = cloud.environment
    return Config(
        access_key_id=key or given["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        access_key_secret=secret or given["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        security_token=token or given["ALIBABA_CLOUD_SECURITY_TOKEN"],
        endpoint=host_of(cloud),
        protocol="HTTP",
        region_id=region or "cn-hangzhou",
    )


class Fc:
    """The SDK's client, with the calls that tests make often."""

    def __init__(self, cloud, **keys):
        self.client = FcClient(config(cloud, **keys))

    def create(self, name, code=HANDLER, wait=True, **more):
        given = {
            "function_name": name,
            "runtime": "python3.10",
            "handler": "main.handler",
            "code": code_of(code),
            "timeout": 10,
            "memory_size": 128,
            "cpu": 0.1,
            "disk_size": 512,
        }
        given.update(more)
        answer = self.client.create_function(
            fc_models.CreateFunctionRequest(fc_models.CreateFunctionInput(**given))
        )
        if wait:
            self.wait(name)
        return answer.body

    def update(self, name, **change):
        if "code" in change:
            change["code"] = code_of(change["code"])
        request = fc_models.UpdateFunctionRequest(fc_models.UpdateFunctionInput(**change))
        return self.client.update_function(name, request).body

    def get(self, name, **more):
        return self.client.get_function(name, fc_models.GetFunctionRequest(**more)).body

    def wait(self, name):
        for _ in range(200):
            found = self.get(name)
            if found.state == "Active" and found.last_update_status == "Successful":
                return found
            time.sleep(0.02)
        raise AssertionError("the function stays " + found.state)

    def invoke(self, name, event=None, kind="Sync", log="Tail", qualifier=None, raw=None):
        """(headers in lower case, body)"""
        body = raw if raw is not None else json.dumps(event).encode()
        request = fc_models.InvokeFunctionRequest(body=io.BytesIO(body), qualifier=qualifier)
        headers = fc_models.InvokeFunctionHeaders(x_fc_invocation_type=kind, x_fc_log_type=log)
        answer = self.client.invoke_function_with_options(
            name, request, headers, RuntimeOptions(read_timeout=60000)
        )
        fields = {key.lower(): value for key, value in answer.headers.items()}
        return fields, answer.body.read()

    def trigger(self, name, trigger="web", auth="anonymous", methods=("GET", "POST")):
        text = json.dumps({"authType": auth, "methods": list(methods), "disableURLInternet": False})
        wanted = fc_models.CreateTriggerInput(
            trigger_name=trigger, trigger_type="http", qualifier="LATEST", trigger_config=text
        )
        return self.client.create_trigger(name, fc_models.CreateTriggerRequest(wanted)).body


def code_of(code):
    import base64

    files = code if isinstance(code, dict) else {"main.py": code}
    return fc_models.InputCodeLocation(zip_file=base64.b64encode(zipped(files)).decode())


def sts(cloud, **keys):
    return StsClient(config(cloud, **keys))


class Request:
    """What the SDK's signing code wants to see of a request."""

    def __init__(self, method, pathname, query, headers):
        self.method, self.pathname, self.query, self.headers = method, pathname, query, headers


def signed(
    cloud, method, path, query=None, body=b"", action="GetFunction", payload=None, key=None, **headers
):
    """Headers of a request, signed by the SDK's own code; `headers` replace what would be there (None: without)."""
    given = cloud.environment
    key_id, secret, token = key or (
        given["ALIBABA_CLOUD_ACCESS_KEY_ID"],
        given["ALIBABA_CLOUD_ACCESS_KEY_SECRET"],
        given["ALIBABA_CLOUD_SECURITY_TOKEN"],
    )
    digest = hashlib.sha256(body).hexdigest() if payload is None else payload
    fields = {
        "host": host_of(cloud),
        "x-acs-version": "2023-03-30",
        "x-acs-action": action,
        "x-acs-date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "x-acs-signature-nonce": uuid.uuid4().hex,
        "x-acs-content-sha256": digest,
        "x-acs-accesskey-id": key_id,
        "x-acs-security-token": token,
    }
    for name, value in headers.items():
        fields[name.replace("_", "-")] = value
    fields = {name: value for name, value in fields.items() if value is not None}
    request = Request(method, path, query or {}, fields)
    fields["Authorization"] = Utils.get_authorization(request, "ACS3-HMAC-SHA256", digest, key_id, secret)
    return fields


def send(cloud, method, path, headers, body=None, query=""):
    """(status, headers, document) of a request whose headers are as given."""
    status, fields, content = http(method, cloud.url + path + query, body, headers)
    try:
        return status, fields, json.loads(content) if content else None
    except ValueError:
        return status, fields, content


def log_lines(cloud, region, function, key=None):
    """GetLogs of Simple Log Service, with a signature of our own making (SLS4-HMAC-SHA256)."""
    given = cloud.environment
    project = given["PYFOPS_ALIBABA_LOG_PROJECT"]
    store = given["PYFOPS_ALIBABA_LOG_STORE"]
    now = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    path = "/logstores/" + store
    seconds = int(time.time())
    query = {"from": seconds - 600, "line": 100, "query": 'functionName: "%s"' % function, "to": seconds + 2}
    text = "&".join(
        "%s=%s" % (k, urllib.parse.quote(str(v), safe="~"))
        for k, v in sorted({**query, "type": "log"}.items())
    )
    empty = hashlib.sha256(b"").hexdigest()
    headers = {
        "host": host_of(cloud),
        "x-acs-security-token": given["ALIBABA_CLOUD_SECURITY_TOKEN"],
        "x-log-apiversion": "0.6.0",
        "x-log-content-sha256": empty,
        "x-log-date": now,
    }
    names = sorted(headers)
    lines = "".join("%s:%s\n" % (name, headers[name]) for name in names)
    canonical = "\n".join(["GET", path, text, lines, ";".join(names), empty])
    scope = "%s/%s/sls/aliyun_v4_request" % (now[:8], region)
    secret = ("aliyun_v4" + given["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]).encode()
    for part in scope.split("/"):
        secret = hmac.new(secret, part.encode(), hashlib.sha256).digest()
    to_sign = "\n".join(["SLS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    signature = hmac.new(secret, to_sign.encode(), hashlib.sha256).hexdigest()
    credential = "%s/%s" % (key or given["ALIBABA_CLOUD_ACCESS_KEY_ID"], scope)
    headers["Authorization"] = "SLS4-HMAC-SHA256 Credential=%s,Signature=%s" % (credential, signature)
    prefix = "/%s.%s.log.aliyuncs.com" % (project, region)
    status, _, document = send(cloud, "GET", prefix + path, headers, query="?" + text)
    assert status == 200, document
    return document
