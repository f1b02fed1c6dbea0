# SPDX-License-Identifier: Apache-2.0
"""Answers of the local cloud to IBM's own SDK, held against the model of Code Engine's API."""

import json

import pytest
from conftest import NO_REFERENCE, REFERENCE
from ibm_cloud import client, function, project_of

MODEL = REFERENCE / "specs" / "ibm-code-engine-v2.schema.json"
if not MODEL.exists():
    pytest.skip(NO_REFERENCE, allow_module_level=True)

ECHO = 'def main(args):\n    return {"statusCode": 200, "body": {"got": args}}\n'


def test_answers_have_what_the_model_requires(cloud):
    sdk = client(cloud)
    project = project_of(sdk, "model")
    model = json.loads(MODEL.read_text())["models"]
    build = {
        "output_image": "us.icr.io/ns/f:1",
        "output_secret": "reg",
        "strategy_type": "codebundle-python-3.13",
    }
    answers = {
        "Project": sdk.get_project(id=project),
        "ProjectStatusDetails": sdk.get_project_status_details(project_id=project),
        "FunctionRuntimeList": sdk.list_function_runtimes(),
        "Secret": sdk.create_secret(project_id=project, format="generic", name="whole", data={"a": "b"}),
        "ConfigMap": sdk.create_config_map(project_id=project, name="whole", data={"a": "b"}),
        "Build": sdk.create_build(
            project_id=project, name="whole", source_url="https://x.invalid/y", **build
        ),
        "BuildRun": sdk.create_build_run(project_id=project, build_name="whole", name="whole"),
    }
    function(sdk, project, "whole", ECHO)
    answers["Function"] = sdk.get_function(project_id=project, name="whole")
    answers["FunctionList"] = sdk.list_functions(project_id=project)
    for name, answer in answers.items():
        got = answer.get_result()
        known = {field["json"]: field for field in model[name]}
        assert set(got) <= set(known), name
        missing = {key for key, field in known.items() if field["required"] and key not in got}
        assert not missing, "%s lacks %s" % (name, missing)
