# SPDX-License-Identifier: Apache-2.0
"""Projects, the local cloud with a fault plan, and the program, as the tests of bad input use them."""

import contextlib
import glob
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.request

PROGRAM = os.environ["PYFOPS_PROGRAM"]
EMULATOR = os.path.join(os.path.dirname(PROGRAM), "pyfops-emulator")
ECHO = "def handler(event):\n    return event\n"
# A quick cloud: what it makes is ready at once, as far as a test does not say otherwise.
QUICK = {"iam.propagation_ms": 0, "lambda.pending_ms": 10, "lambda.update_ms": 10}


def until(condition, what, seconds=30):
    """Polls; the events that are waited for happen in other processes."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain until " + what)
        time.sleep(0.01)


def sandboxes(pid):
    """Control groups and processes of the sandboxes that this process started."""
    # A container's group of an equal process id may have outlived it.
    owner = f"pyfops.{os.stat('/proc/self/ns/pid').st_ino}.{pid}."
    found = glob.glob(f"/sys/fs/cgroup/**/{owner}*", recursive=True)
    for path in glob.glob("/proc/[0-9]*/cgroup"):
        with contextlib.suppress(OSError), open(path, encoding="utf-8") as file:
            for line in file:
                if line.rsplit("/", 1)[-1].startswith(owner):
                    found.append(path)
                    break
    return found


class Cloud:
    """An emulator process of its own, in the foreground, with a fault plan that can be changed."""

    def __init__(self, folder, environment):
        self.folder = folder
        self.state = folder + "/state"
        options = {
            "state": self.state,
            "foreground": True,
            "log_level": "warning",
            "faults": {"settings": QUICK},
        }
        self.process = subprocess.Popen(
            [EMULATOR, json.dumps(options)],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.about = json.loads(self.process.stdout.readline())
        with open(self.state + "/emulator.json", encoding="utf-8") as file:
            self.token = json.load(file)["token"]
        self.environment = self.control("GET", "environment")

    def control(self, method, path, body=None):
        request = urllib.request.Request(
            f"{self.about['base_url']}/_pyfops/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": "Bearer " + self.token},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text.strip() else None

    def faults(self, *rules, **settings):
        self.control("POST", "faults", {"rules": list(rules), "settings": {**QUICK, **settings}})

    def held(self):
        return self.control("GET", "faults")["held"]

    def requests(self):
        return self.control("GET", "requests")["requests"]

    def documents(self, collection):
        """What the cloud remembers, read from its disk: nothing of the program stands between."""
        found = {}
        for path in glob.glob(self.state + "/cloud/documents/*/*.json"):
            with contextlib.suppress(FileNotFoundError), open(path, encoding="utf-8") as file:
                document = json.load(file)
                if document["collection"] == collection:
                    found[document["key"]] = document["document"]
        return found

    def functions(self, project):
        return sorted(key for key in self.documents("aws/functions") if f"/{project}-" in key)

    def roles(self, project):
        return [key for key in self.documents("aws/roles") if key == f"pyfops-{project}"]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()


class Result:
    def __init__(self, code, stdout, stderr):
        self.code, self.stdout, self.stderr = code, stdout, stderr

    def __str__(self):
        return f"exit code {self.code}\n--- stdout\n{self.stdout}\n--- stderr\n{self.stderr}"

    def units(self):
        return {(unit["function"], unit["region"]): unit for unit in json.loads(self.stdout)["deployments"]}


class BadInput(unittest.TestCase):
    """Every test has a project folder of its own; the class shares one cloud where it wants one."""

    with_cloud = True
    cloud = None

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.mkdtemp(prefix="pyfops-bad-")
        cls.addClassCleanup(shutil.rmtree, cls.shared, ignore_errors=True)
        cls.base = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "HOME": cls.shared + "/home",
            "PYFOPS_CACHE_DIR": os.environ.get("PYFOPS_TEST_CACHE", cls.shared + "/cache"),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                cls.base[name] = os.environ[name]
        if cls.with_cloud:
            os.makedirs(cls.shared + "/cloud-tmp")
            cls.cloud = Cloud(cls.shared, {**cls.base, "TMPDIR": cls.shared + "/cloud-tmp"})
            cls.addClassCleanup(cls.end_cloud)

    @classmethod
    def end_cloud(cls):
        pid = cls.cloud.process.pid
        cls.cloud.stop()
        left = sandboxes(pid) + os.listdir(cls.shared + "/cloud-tmp")
        if left:
            raise AssertionError(f"the cloud left behind: {left}")

    def setUp(self):
        # Names are unique in the class: its cloud is shared.
        self.name = "p" + self.id().rsplit(".", 1)[-1].replace("_", "-")[4:30].rstrip("-")
        self.folder = tempfile.mkdtemp(prefix="p-", dir=self.shared)
        self.temporary = tempfile.mkdtemp(prefix="t-", dir=self.shared)
        self.environment = {
            **self.base,
            "TMPDIR": self.temporary,
            **(self.cloud.environment if self.cloud else {}),
        }
        if self.cloud:
            self.cloud.faults()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else text.encode())
        return path

    def project(self, functions=None, regions=("eu-central-1",), **more):
        """Functions are name -> source; entry {"source": ..., other keys of the project file}."""
        listed = []
        for name, given in (functions or {"good": ECHO}).items():
            entry = dict(given) if isinstance(given, dict) else {"source": given}
            self.write(f"{name}/{name}.py", entry.pop("source"))
            listed.append(
                {
                    "name": name,
                    "source": name,
                    "handler": f"{name}:handler",
                    "tests": [{"name": "echo", "input": {"a": 1}}],
                    **entry,
                }
            )
        deployments = more.pop("deployments", [{"provider": "aws", "regions": list(regions)}])
        self.write(
            "pyfops.yaml",
            json.dumps({"project": self.name, "functions": listed, "deployments": deployments, **more}),
        )

    def start(self, *words, environment=None):
        process = subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            env={**self.environment, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self.abandon, process)
        return process

    @staticmethod
    def abandon(process):
        if process.poll() is None:
            process.kill()
            process.communicate()

    def finish(self, process, timeout=90):
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            stdout, stderr = process.communicate()
            self.fail(f"the program did not end\n{stdout}\n{stderr}")
        result = Result(process.returncode, stdout, stderr)
        self.assertNotIn("what():", stderr)
        until(
            lambda: not sandboxes(process.pid),
            f"no sandbox of {process.pid} is left: {sandboxes(process.pid)}",
            10,
        )
        return result

    def run_pyfops(self, *words, environment=None, timeout=90):
        result = self.finish(self.start(*words, environment=environment), timeout)
        self.assertEqual(os.listdir(self.temporary), [], f"temporary files are left behind\n{result}")
        return result

    def check(self, *words, code, says=(), **more):
        """Both faces of one error: the exit code, and every text of `says` in it."""
        result = self.run_pyfops(*words, **more)
        self.assertEqual(result.code, code, result)
        for text in [says] if isinstance(says, str) else says:
            self.assertIn(text.lower(), result.stderr.lower(), result)
        return result

    def sql(self, query, path=".pyfops/afcl.db"):
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/{path}?mode=ro", uri=True)) as database:
            return database.execute(query).fetchall()

    def assert_rows(self, deployed, total=None):
        """So many deployments are recorded as deployed, and none twice."""
        states = [state for (state,) in self.sql("SELECT state FROM pyfops_fd")]
        self.assertEqual(states.count("deployed"), deployed, states)
        if total is not None:
            self.assertEqual(len(states), total, states)
        self.assertEqual(self.sql("SELECT COUNT(*) FROM functiondeployment")[0][0], len(states))
        for table, key in (
            ("functiondeployment", "name"),
            ("functionimplementation", "name"),
            ("functiontype", "name"),
            ("region", "region"),
            ("pyfops_link", "link"),
        ):
            columns = {column[1] for column in self.sql(f"PRAGMA table_info({table})")}
            if key in columns:
                self.assertEqual(
                    self.sql(f"SELECT {key} FROM {table} GROUP BY {key} HAVING COUNT(*) > 1"), [], table
                )
        links = [
            link
            for (link,) in self.sql(
                "SELECT KMS_Arn FROM functiondeployment WHERE KMS_Arn IS NOT NULL AND KMS_Arn <> ''"
            )
        ]
        self.assertEqual(len(links), len(set(links)))

    def assert_nothing_in_the_cloud(self):
        self.assertEqual((self.cloud.functions(self.name), self.cloud.roles(self.name)), ([], []))

    def assert_nothing_recorded(self):
        self.assertFalse(
            os.path.exists(self.folder + "/.pyfops/afcl.db"), "nothing was begun, yet it is recorded"
        )

    def assert_converges(self, deployed, cloud_functions=None):
        """A second, undisturbed run: everything is deployed and recorded once, and nothing else."""
        self.cloud.faults()
        result = self.run_pyfops("run", "--json")
        self.assertEqual(result.code, 0, result)
        self.assert_rows(deployed, deployed)
        self.assertEqual(len(self.cloud.functions(self.name)), cloud_functions or deployed)
        self.assertEqual(len(self.cloud.roles(self.name)), 1)
        again = self.run_pyfops("deploy", "--json")
        self.assertEqual(
            {unit["deployment"]["action"] for unit in again.units().values()}, {"unchanged"}, again
        )
        return result
