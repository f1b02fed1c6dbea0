# SPDX-License-Identifier: Apache-2.0
"""Azure's official clients, unmodified, pointed at the local cloud; and a project of ours on it."""

import json
import os
import pathlib
import subprocess
import tempfile
import time

from conftest import BIN, Cloud, http, zipped
from program import Project

# The clients must not find anything of the machine's.
for name in list(os.environ):
    if name.startswith(("AZURE_", "APPLICATIONINSIGHTS_", "IDENTITY_")):
        del os.environ[name]

SUBSCRIPTION = "00000000-0000-0000-0000-000000000000"
REGION = "westeurope"
QUICK = {
    "journal.requests": True,
    "azure.create_ms": 20,
    "azure.update_ms": 20,
    "azure.storage_ms": 20,
    "azure.publish_ms": 60,
    "azure.delete_ms": 20,
    "azure.register_ms": 20,
}


class Azure:
    """The clients of one emulator."""

    def __init__(self, cloud):
        self.cloud = cloud
        described = json.loads((cloud.state / "emulator.json").read_text())
        self.tls = "https://127.0.0.1:%d" % described["tls_port"]
        self.ca = described["ca"]
        self.plain = described["base_url"]

    def credential(self, **more):
        from azure.identity import ClientSecretCredential

        environment = self.cloud.environment
        given = {
            "tenant_id": environment["AZURE_TENANT_ID"],
            "client_id": environment["AZURE_CLIENT_ID"],
            "client_secret": environment["AZURE_CLIENT_SECRET"],
            "authority": self.tls,
            "disable_instance_discovery": True,
            "connection_verify": self.ca,
        }
        given.update(more)
        return ClientSecretCredential(**given)

    def client(self, kind, **more):
        given = {
            "base_url": self.tls + "/management.azure.com",
            "connection_verify": self.ca,
            "polling_interval": 0.1,
            "retry_total": 0,
        }
        given.update(more)
        return kind(self.credential(), SUBSCRIPTION, **given)

    @property
    def resources(self):
        from azure.mgmt.resource.resources import ResourceManagementClient

        return self.client(ResourceManagementClient)

    @property
    def storage(self):
        from azure.mgmt.storage import StorageManagementClient

        return self.client(StorageManagementClient)

    @property
    def web(self):
        from azure.mgmt.web import WebSiteManagementClient

        return self.client(WebSiteManagementClient)

    def token(self):
        return self.credential().get_token("https://management.azure.com/.default").token

    def scm(self, method, app, path, body=None, token=None):
        headers = {"Authorization": "Bearer " + (token or self.token()), "Content-Type": "application/zip"}
        url = "%s/%s.scm.azurewebsites.net%s" % (self.plain, app, path)
        return http(method, url, body, headers)

    def call(self, app, path, body=b"{}", method="POST", **headers):
        url = "%s/%s.azurewebsites.net/%s" % (self.plain, app, path)
        return http(method, url, body, {name.replace("_", "-"): text for name, text in headers.items()})

    def publish(self, app, files):
        """The deployment's last document."""
        status, _, body = self.scm("POST", app, "/api/publish?RemoteBuild=false&Deployer=test", zipped(files))
        assert status == 202, body
        identity = json.loads(body)
        end = time.monotonic() + 20
        while time.monotonic() < end:
            status, _, body = self.scm("GET", app, "/api/deployments/" + identity)
            assert status == 200, body
            if json.loads(body)["complete"]:
                return json.loads(body)
            time.sleep(0.05)
        raise AssertionError("the deployment does not end")


def library():
    """azure.functions of the test environment and what it needs, as a package would carry them."""
    import azure.functions
    import markupsafe
    import werkzeug

    files = {}
    for module in (azure.functions, werkzeug, markupsafe):
        source = pathlib.Path(module.__file__).parent
        base = source.parent.parent if module is azure.functions else source.parent
        for path in source.rglob("*"):
            if path.is_file() and path.suffix in (".py", ".so", ".json"):
                name = path.relative_to(base).as_posix()
                files[".python_packages/lib/site-packages/" + name] = path.read_bytes()
    return files


def function_json(level="function", **more):
    trigger = {"authLevel": level, "type": "httpTrigger", "direction": "in", "name": "req", **more}
    answer = {"type": "http", "direction": "out", "name": "$return"}
    return json.dumps({"scriptFile": "__init__.py", "entryPoint": "main", "bindings": [trigger, answer]})


def start(directory, **settings):
    return Cloud(pathlib.Path(directory), faults={"settings": {**QUICK, **settings}})


CODE = "def handler(event, context):\n    print('seen', event)\n    return {'got': event, 'memory': context.memory_mb}\n"


class AzureProject:
    """A project on Azure whose local cloud is ours to look into."""

    def __init__(self, directory, code=CODE, function=None, settings=None, **cloud_settings):
        self.project = Project(pathlib.Path(directory) / "gate")
        state = self.project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        self.cloud = start(state, **cloud_settings)
        self.project.write("hello/hello.py", code)
        self.document = {
            "project": "gate",
            "python": "3.11",
            "functions": [
                {
                    "name": "hello",
                    "source": "hello",
                    "handler": "hello:handler",
                    "timeout": 10,
                    "memory": [512],
                    "environment": {"MODE": "a b&c"},
                    **(function or {}),
                }
            ],
            "deployments": [{"provider": "azure", "regions": [REGION]}],
            "providers": {"azure": settings or {}},
        }
        self.save()

    def save(self):
        self.project.write("pyfops.yaml", json.dumps(self.document))

    def run(self, *words, **more):
        return self.project.run(*words, "--local", **more)

    def kill(self, operation, when, *words, **settings):
        """Starts the program, and kills it while a request of it is held before or after the cloud acted on it."""
        self.cloud.faults([{"operation": operation, "nth": [1], "action": "hold", "when": when}], **settings)
        process = subprocess.Popen(
            [BIN / "pyfops", *words, "--local", "-q"],
            cwd=self.project.folder,
            env=self.project.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            deadline = time.monotonic() + 60
            while not self.cloud.control("/_pyfops/faults")["held"]:
                assert process.poll() is None and time.monotonic() < deadline
                time.sleep(0.05)
        finally:
            process.kill()
            process.wait(30)
        # What was held before acting on it never arrives.
        self.cloud.control("/_pyfops/faults/release", {"abandon": when == "before"})
        self.cloud.faults()


def temporary():
    return tempfile.TemporaryDirectory(prefix="pyfops-azure-")
