# SPDX-License-Identifier: Apache-2.0
"""Google's face of the local cloud for tests: official clients pointed at it, and packages that run as they are."""

import importlib.metadata
import json
import os
import pathlib
import re
import urllib.request
import warnings

from conftest import Cloud, http, zipped

PROJECT = "pyfops-local"
REGION = "europe-west1"
PARENT = "projects/%s/locations/%s" % (PROJECT, REGION)
ACCOUNT = "pyfops@pyfops-local.iam.gserviceaccount.com"
FAST = {"google.create_ms": 20, "google.update_ms": 20, "google.delete_ms": 20}

# google-auth must not find anything of the machine's.
for name in list(os.environ):
    if name.startswith(("GOOGLE_", "CLOUDSDK_", "GCLOUD_", "GCE_")):
        del os.environ[name]

ECHO = """
    import functions_framework

    @functions_framework.http
    def main(request):
        print("seen", request.path)
        return {"echo": request.get_json(silent=True), "path": request.path, "query": request.args.to_dict()}
"""


def vendored(name="functions-framework", seen=None):
    """{path: bytes} of an installed distribution and all that it needs here."""
    seen = set() if seen is None else seen
    key = re.sub("[-_.]+", "-", name).lower()
    if key in seen:
        return {}
    seen.add(key)
    files = {}
    distribution = importlib.metadata.distribution(name)
    for path in distribution.files or []:
        full = pathlib.Path(path.locate())
        if path.parts[0] != ".." and full.suffix != ".pyc" and full.is_file():
            files[str(path)] = full.read_bytes()
            if re.match(r"google/cloud/functions\w*/__init__.py", str(path)):
                # google-cloud-functions puts its own over the framework's, which are empty.
                files[str(path)] = b""
    for line in distribution.requires or []:
        needed, _, marker = line.partition(";")
        if "extra" in marker or "win32" in marker or "Windows" in marker and "!=" not in marker:
            continue
        try:
            files.update(vendored(re.match(r"[A-Za-z0-9._-]+", needed.strip())[0], seen))
        except importlib.metadata.PackageNotFoundError:  # for another Python
            continue
    return files


FRAMEWORK = vendored()


def package(source=ECHO, **more):
    """A zip that the local cloud can run: main.py beside functions-framework."""
    return zipped({**FRAMEWORK, "main.py": source, **more})


class GoogleCloud(Cloud):
    """A running emulator, and Google's own clients for it."""

    def __init__(self, directory, **options):
        options.setdefault("faults", {"settings": FAST})
        super().__init__(directory, **options)

    def credentials(self, kind="service-account"):
        import google.auth

        scopes = ["https://www.googleapis.com/auth/cloud-platform"]
        file = self.state / "cloud" / "google" / (kind + ".json")
        if kind == "external-account":  # the general loader asks yet another service for its project
            from google.auth import identity_pool

            return identity_pool.Credentials.from_file(str(file), scopes=scopes)
        with warnings.catch_warnings():  # it warns of files from strangers
            warnings.simplefilter("ignore", DeprecationWarning)
            return google.auth.load_credentials_from_file(str(file), scopes=scopes)[0]

    def functions(self, credentials=None):
        """google-cloud-functions as it comes, through its public options."""
        from google.cloud import functions_v2

        return functions_v2.FunctionServiceClient(
            credentials=credentials or self.credentials(),
            transport="rest",
            client_options={"api_endpoint": self.url},
        )

    def upload(self, client, archive):
        """The storage source of an uploaded archive."""
        from google.cloud import functions_v2

        answer = client.generate_upload_url(functions_v2.GenerateUploadUrlRequest(parent=PARENT))
        request = urllib.request.Request(
            answer.upload_url, data=archive, method="PUT", headers={"Content-Type": "application/zip"}
        )
        with urllib.request.urlopen(request, timeout=60) as done:
            assert done.status == 200
        return answer.storage_source

    def create(self, client, name, archive=None, **service):
        from google.cloud import functions_v2 as api

        settings = {"available_memory": "256Mi", "timeout_seconds": 10}
        settings.update(service)
        function = api.Function(
            build_config=api.BuildConfig(
                runtime="python311",
                entry_point="main",
                source=api.Source(storage_source=self.upload(client, archive or package())),
            ),
            service_config=api.ServiceConfig(**settings),
        )
        return client.create_function(parent=PARENT, function=function, function_id=name)

    def id_token(self, audience):
        """As google-auth makes one for a service account."""
        import google.auth.transport.requests
        from google.oauth2 import service_account

        file = self.environment["GOOGLE_APPLICATION_CREDENTIALS"]
        credentials = service_account.IDTokenCredentials.from_service_account_file(
            file, target_audience=audience
        )
        credentials.refresh(google.auth.transport.requests.Request())
        return credentials.token


def name_of(function_id):
    return "%s/functions/%s" % (PARENT, function_id)


def call(cloud, url, event, **headers):
    headers = {
        "Authorization": "Bearer " + cloud.id_token(url),
        "Content-Type": "application/json",
        **headers,
    }
    return http("POST", url, json.dumps(event).encode(), headers)


def access_token(cloud, kind="service-account"):
    import google.auth.transport.requests

    credentials = cloud.credentials(kind)
    credentials.refresh(google.auth.transport.requests.Request())
    return credentials.token
