# SPDX-License-Identifier: Apache-2.0
"""A project on Google's face of the local cloud, as tests run the program in it."""

import json

from google_cloud import GoogleCloud
from program import Project

CODE = """
import json, pathlib
def handler(event, context):
    print("seen", json.dumps(event))
    if event == "fail":
        raise KeyError("nothing there")
    if event == "grow":
        return len(bytearray(600 << 20))
    if event == "sleep":
        import time
        time.sleep(60)
    return {"event": event, "region": context.region, "memory": context.memory_mb, "name": context.function_name,
            "provider": context.provider, "left": context.remaining_ms(), "ours": requirement()}
def requirement():
    import idna
    return idna.encode("bücher.example").decode()
"""


def definition(**more):
    function = {
        "name": "hello",
        "source": "hello",
        "handler": "hello:handler",
        "requirements": "requirements.txt",
        "timeout": 5,
        "tests": [{"name": "one", "input": {"a": 1}, "expect": {"subset": {"event": {"a": 1}}}}],
    }
    function.update(more.pop("function", {}))
    content = {
        "project": "gate",
        "functions": [function],
        "deployments": [{"provider": "google", "regions": more.pop("regions", ["europe-west1"])}],
        "providers": {"google": more.pop("settings", {})},
    }
    assert not more
    return json.dumps(content)


def action(row):
    return row["deployment"]["action"]


class World:
    def __init__(self, folder):
        self.project = Project(folder / "gate")
        state = self.project.folder / ".pyfops" / "local"
        state.mkdir(parents=True)
        self.cloud = GoogleCloud(state)
        self.project.write("hello/hello.py", CODE)
        self.project.write("requirements.txt", "idna==3.10\n")
        self.project.write("pyfops.yaml", definition())

    def failure(self, code=1):
        """The failure of the only deployment of a run."""
        return self.project.run("run", "--local", code=code)["deployments"][0]["failure"]
