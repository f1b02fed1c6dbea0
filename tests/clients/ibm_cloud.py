# SPDX-License-Identifier: Apache-2.0
"""What the tests of IBM share: its SDK, pointed at a local cloud by its public options."""

import base64
import textwrap
import time


def client(cloud, region=None, apikey=None):
    from ibm_cloud_sdk_core.authenticators import IAMAuthenticator
    from ibm_code_engine_sdk.code_engine_v2 import CodeEngineV2

    variables = cloud.environment
    authenticator = IAMAuthenticator(
        apikey or variables["CODE_ENGINE_APIKEY"], url=variables["CODE_ENGINE_AUTH_URL"]
    )
    made = CodeEngineV2(version="2026-01-01", authenticator=authenticator)
    url = variables["CODE_ENGINE_URL"]
    made.set_service_url(url.replace("us-south", region) if region else url)
    return made


def code_reference(code):
    text = textwrap.dedent(code).encode()
    return "data:text/plain;base64," + base64.b64encode(text).decode()


def wait_for(read, *states):
    until = time.monotonic() + 20
    while True:
        seen = read()
        if (
            seen["status"] in states
            and seen.get("status_details", {}).get("reason") != "ready_update_in_progress"
        ):
            return seen
        assert time.monotonic() < until, seen
        time.sleep(0.05)


def project_of(sdk, name):
    made = sdk.create_project(name=name).get_result()
    wait_for(lambda: sdk.get_project(id=made["id"]).get_result(), "active")
    return made["id"]


def function(sdk, project, name, code, **more):
    """Creates a function of one module and waits until it can be called."""
    given = {"runtime": "python-3.13", "code_reference": code_reference(code)}
    given.update(more)
    sdk.create_function(project_id=project, name=name, **given)
    return wait_for(lambda: sdk.get_function(project_id=project, name=name).get_result(), "ready", "offline")
