# SPDX-License-Identifier: Apache-2.0
"""The project that the tests of IBM Code Engine deploy, and wheels of their own."""

import io
import json
import pathlib
import zipfile

from conftest import Cloud
from program import Project

SETTINGS = {
    "ibm.project_ms": 50,
    "ibm.deploy_ms": 50,
    "ibm.update_ms": 50,
    "ibm.delete_ms": 20,
    "ibm.build_ms": 20,
}
CODE = """\
import pathlib
import helper

def handler(event, context):
    print("seen", event)
    if event == "fail":
        raise ValueError("no such thing")
    if event == "where":
        return pathlib.Path(__file__).with_name("data.txt").read_text()
    if event == "context":
        return {
            "provider": context.provider,
            "region": context.region,
            "name": context.function_name,
            "memory": context.memory_mb,
            "left": 0 < context.remaining_ms() <= 20_000,
            "secret": helper.secret(),
        }
    return event
"""
HELPER = "import os\n\ndef secret():\n    return os.environ['TOKEN'] + os.environ['MODE']\n"
# Every kind of JSON, and what careless encodings lose.
VALUES = [
    {"a": [1, "ü", None, True], "big": 9007199254740993, "huge": 123456789012345678},
    [],
    {},
    'text with "quotes" and \\',
    "",
    17,
    1.5e-7,
    True,
    None,
]


def project_file(memory="auto", regions=("eu-de",), **settings):
    tests = [
        {"name": "value-%d" % i, "input": value, "expect": {"exact": value}} for i, value in enumerate(VALUES)
    ]
    tests.append({"name": "fails", "input": "fail", "expect": {"error": {"type": "ValueError"}}})
    tests.append({"name": "data", "input": "where", "expect": {"exact": "beside"}})
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "timeout": 20,
        "memory": memory,
        "environment": {"MODE": "fast", "TOKEN": {"secret": "env:TOKEN"}},
        "tests": tests,
    }
    return json.dumps(
        {
            "project": "gate",
            "python": "3.13",
            "functions": [function],
            "deployments": [{"provider": "ibm", "regions": list(regions)}],
            "providers": {"ibm": settings},
        }
    )


def start(folder, **faults):
    project = Project(folder / "gate", TOKEN="hush-hush")
    project.write("hello/hello.py", CODE)
    project.write("hello/helper.py", HELPER)
    project.write("hello/data.txt", "beside")
    project.write("pyfops.yaml", project_file())
    state = project.folder / ".pyfops" / "local"
    state.mkdir(parents=True)
    cloud = Cloud(state, faults={"settings": SETTINGS, **faults})
    return project, cloud


def unit(document):
    (only,) = document["deployments"]
    return only


def wheel(folder, name, tag, files):
    """A wheel of {path: content}."""
    info = "%s-1.0.dist-info" % name
    files = dict(files)
    files[info + "/METADATA"] = "Metadata-Version: 2.1\nName: %s\nVersion: 1.0\n" % name
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\nGenerator: t\nRoot-Is-Purelib: %s\nTag: %s\n" % (
        "true" if tag.endswith("any") else "false",
        tag,
    )
    record = "".join("%s,,\n" % path for path in files) + info + "/RECORD,,\n"
    files[info + "/RECORD"] = record
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, content in files.items():
            archive.writestr(path, content)
    path = pathlib.Path(folder) / ("%s-1.0-%s.whl" % (name, tag))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(buffer.getvalue())
    return path


def with_wheel(project, tag, files):
    wheels = project.folder.parent / "wheels"
    wheel(wheels, "pyfops_extra", tag, files)
    project.environment["PIP_FIND_LINKS"] = str(wheels)
    project.write("hello/requirements.txt", "pyfops-extra==1.0\n")
    document = json.loads(project_file())
    document["functions"][0]["requirements"] = "hello/requirements.txt"
    project.write("pyfops.yaml", json.dumps(document))
    return document
