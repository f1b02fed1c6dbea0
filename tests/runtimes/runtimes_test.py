# SPDX-License-Identifier: Apache-2.0
"""Exact interpreters: made from a Debian suite, kept, and what runs on them or is refused."""

import json
import os
import signal
import stat
import subprocess
import time
import unittest

from harness import PROGRAM, ProgramTest

CACHE = os.environ["PYFOPS_RUNTIME_CACHE"]
# The machine's own way to the package index.
INDEX = {
    name: value
    for name, value in os.environ.items()
    if name.startswith(("PIP_", "SSL_CERT_")) or name.endswith("_proxy")
}
ROOT = os.path.join(CACHE, "runtimes", "trixie")

PROJECT = """\
project: exact
python: "3.13"
functions:
  - name: hello
    source: hello
    handler: hello:handler
    requirements: hello/requirements.txt
    memory: 256
    tests:
      - {name: version, input: {t: "<b>"}, expect: {python: [3, 13], native: true, escaped: "&lt;b&gt;"}}
deployments:
  - {provider: aws, regions: [eu-central-1]}
"""
HANDLER = """\
import sys

import markupsafe
import markupsafe._speedups


def handler(event, context):
    module = markupsafe._speedups.__file__
    return {"python": list(sys.version_info[:2]), "native": ".cpython-313-" in module and module.endswith(".so"),
            "escaped": str(markupsafe.escape(event["t"]))}
"""


def setUpModule():
    """Makes trixie's Python, or finds it."""
    environment = {"PATH": "/usr/bin:/bin", "HOME": CACHE, "LC_ALL": "C", "PYFOPS_CACHE_DIR": CACHE, **INDEX}
    said = subprocess.run(
        [PROGRAM, "emulate", "--runtimes", "3.13", "--json"],
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        check=False,
    )
    row = json.loads(said.stdout)["runtimes"][0]
    if row["error"] and row["error"]["kind"] == "unavailable":
        print("SKIPPED: no Debian suite can be reached: " + row["error"]["message"])
        raise unittest.SkipTest("no Debian suite can be reached")
    assert row["error"] is None, row
    assert row["full_version"].startswith("3.13.") and row["glibc"] == "2.41" and row["suite"] == "trixie", (
        row
    )
    assert row["path"] == ROOT and row["size_bytes"] > 50 << 20, row


class Runtimes(ProgramTest):
    def runtimes(self, *words, cache, code=0, **more):
        document = self.document(
            "emulate",
            "--runtimes",
            *words,
            schema="pyfops.runtimes/1",
            code=code,
            timeout=300,
            environment={"PYFOPS_CACHE_DIR": cache, **more.pop("environment", {})},
            **more,
        )
        return document["runtimes"]

    def fake_mmdebstrap(self, script):
        """A PATH on which it is this shell script; $archive is where the root belongs."""
        path = self.write(
            "bin/mmdebstrap",
            f"""#!/bin/sh
[ "$1" = --version ] && exit 0
for word in "$@"; do case $word in *.tar) archive=$word;; esac; done
{script}
""",
        )
        os.chmod(path, stat.S_IRWXU)
        return {"PATH": f"{self.folder}/bin:/usr/bin:/bin"}

    def names(self):
        return sorted(os.listdir(self.folder + "/cache/runtimes"))

    def test_what_is_there_is_kept_and_told(self):
        (row,) = self.runtimes("3.13", cache=CACHE)
        self.assertFalse(row["made"])
        table = self.check("emulate", "--runtimes", "3.13", environment={"PYFOPS_CACHE_DIR": CACHE}).stdout
        for word in (row["full_version"], "2.41", "trixie", "was there", ROOT):
            self.assertIn(word, table)
        checks = self.document("doctor", schema="pyfops.doctor/1", environment={"PYFOPS_CACHE_DIR": CACHE})[
            "checks"
        ]
        self.assertIn(f"{row['full_version']} at {ROOT} (glibc 2.41)", [one["text"] for one in checks])

    def test_nothing_of_the_machines_apt_is_in_the_root(self):
        for name in ("etc/apt", "etc/resolv.conf", "etc/hostname", "etc/machine-id", "var"):
            self.assertFalse(os.path.lexists(os.path.join(ROOT, name)), name)
        for folder, _, files in os.walk(ROOT):
            for name in files:
                mode = os.lstat(os.path.join(folder, name)).st_mode
                self.assertFalse(
                    mode & (stat.S_ISUID | stat.S_ISGID) and stat.S_ISREG(mode), os.path.join(folder, name)
                )

    def test_wrong_words(self):
        error = self.document("emulate", "--runtimes", "3.13,3.12", schema="pyfops.error/1", code=2)
        self.assertEqual(error["message"], "no Debian suite brings Python '3.12'")
        self.assertEqual(error["hint"], "choose from 3.9, 3.11, 3.13")
        self.check("emulate", "3.13", code=2)

    def test_what_hinders_is_said(self):
        empty = os.path.join(self.folder, "empty")
        os.mkdir(empty)
        (row,) = self.runtimes("3.13", cache=self.folder + "/cache", code=2, environment={"PATH": empty})
        self.assertIn("needs mmdebstrap", row["error"]["message"])
        self.assertIn("Debian package mmdebstrap", row["error"]["hint"])
        for words, kind, message, code in (
            (
                "Err:1 http://mirror.invalid trixie InRelease\nE: Failed to fetch http://mirror.invalid\n"
                "E: apt-get update failed",
                "unavailable",
                "E: Failed to fetch http://mirror.invalid",
                1,
            ),
            (
                "tar: ./usr/bin/x: Cannot write: No space left on device",
                "limit_exceeded",
                "the disk is full",
                1,
            ),
            ("E: cannot find newuidmap", "invalid_input", "this user may not make a root", 2),
        ):
            with self.subTest(words=words):
                path = self.fake_mmdebstrap(
                    f"echo half > \"$archive\"\ncat >&2 <<'END'\n{words}\nEND\nexit 25"
                )
                (row,) = self.runtimes("3.13", cache=self.folder + "/cache", code=code, environment=path)
                self.assertEqual(row["error"]["kind"], kind)
                self.assertIn(message, row["error"]["message"])
                self.assertTrue(row["error"]["hint"])
                self.assertEqual(self.names(), ["trixie.lock"])

    def test_a_root_without_a_working_python_gets_no_name(self):
        path = self.fake_mmdebstrap(f'cd {ROOT} && tar --exclude=./usr/lib/python3.13/json -cf "$archive" .')
        (row,) = self.runtimes("3.13", cache=self.folder + "/cache", code=1, environment=path)
        self.assertIn("does not run in the sandbox", row["error"]["message"])
        self.assertEqual(self.names(), ["trixie.lock"])

    def test_killed_in_the_middle(self):
        path = self.fake_mmdebstrap(
            f"echo $$ > {self.folder}/pid.new; mv {self.folder}/pid.new {self.folder}/pid\nexec sleep 300"
        )
        environment = {**self.environment, **path}
        process = subprocess.Popen(
            [PROGRAM, "emulate", "--runtimes", "3.13"],
            env=environment,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        limit = time.monotonic() + 60
        while not os.path.exists(self.folder + "/pid"):
            self.assertLess(time.monotonic(), limit)
            self.assertIsNone(process.poll())
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with open(self.folder + "/pid", encoding="ascii") as file:
            self.addCleanup(os.kill, int(file.read()), signal.SIGKILL)
        self.assertNotIn("trixie", self.names())
        self.assertNotIn("3.13.", self.check("doctor").stdout)
        path = self.fake_mmdebstrap(f'tar -C {ROOT} -cf "$archive" .')
        (row,) = self.runtimes("3.13", cache=self.folder + "/cache", environment=path)
        self.assertTrue(row["made"])
        self.assertEqual(self.names(), ["trixie", "trixie.json", "trixie.lock"])

    def test_two_at_once_make_one(self):
        path = self.fake_mmdebstrap(f'echo made >> {self.folder}/count; tar -C {ROOT} -cf "$archive" .')
        both = [
            subprocess.Popen(
                [PROGRAM, "emulate", "--runtimes", "3.13", "--json"],
                text=True,
                cwd=self.folder,
                env={**self.environment, **path},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            for _ in range(2)
        ]
        for process in both:
            (row,) = json.loads(process.communicate(timeout=300)[0])["runtimes"]
            self.assertEqual(process.returncode, 0, row)
            self.assertTrue(row["full_version"].startswith("3.13."))
        with open(self.folder + "/count", encoding="ascii") as file:
            self.assertEqual(file.read(), "made\n")


class RealPackage(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", PROJECT)
        self.write("hello/hello.py", HANDLER)
        self.write("hello/requirements.txt", "markupsafe==3.0.2\n")
        self.environment.update(INDEX)
        self.environment["PYFOPS_CACHE_DIR"] = CACHE

    def test_it_runs_on_the_python_that_it_was_made_for(self):
        built = self.document("package", schema="pyfops.package/1", timeout=300)["implementations"][0]
        self.assertRegex(
            built["package"]["distributions"][0]["wheel"].lower(),
            r"^markupsafe-3\.0\.2-cp313-cp313-manylinux",
        )
        run = self.document("run", "--local", schema="pyfops.run/1", timeout=300)
        deployment = run["deployments"][0]
        self.assertEqual(deployment["runtime"], "python3.13")
        # The bytes that would go to AWS.
        self.assertEqual(deployment["package"]["content_hash"], built["package"]["content_hash"])
        self.assertEqual(deployment["package"]["bytes"], built["package"]["bytes"])
        (test,) = deployment["tests"]
        self.assertTrue(test["passed"], test)
        self.assertTrue(test["ran_on"].startswith("3.13."), test)
        again = self.check("test", "--local", timeout=300)
        self.assertRegex(again.stderr, r"note: functions run on Python .*3\.13\.\d")
        self.assertNotIn("ran on", again.stdout)

    def test_another_python_refuses_the_wheel_by_name(self):
        # The same cache without the root.
        cache = self.folder + "/other"
        os.makedirs(cache)
        for name in os.listdir(CACHE):
            if name != "runtimes":
                os.symlink(os.path.join(CACHE, name), os.path.join(cache, name))
        environment = {"PYFOPS_CACHE_DIR": cache}
        run = self.document(
            "run", "--local", schema="pyfops.run/1", code=1, timeout=300, environment=environment
        )
        (test,) = run["deployments"][0]["tests"]
        self.assertFalse(test["passed"])
        self.assertEqual(test["error"]["type"], "Pyfops.UnfitWheel")
        self.assertRegex(
            test["error"]["message"],
            r"^the wheel MarkupSafe-3\.0\.2-cp313-cp313-manylinux\S+\.whl cannot run on Python 3\.\d+\.\d+: ",
        )
        self.assertIn("'pyfops emulate --runtimes 3.13'", test["error"]["message"])
        words = self.check("test", "--local", code=1, timeout=300, environment=environment).stderr
        self.assertIn("'pyfops emulate --runtimes 3.13'", words)


if __name__ == "__main__":
    unittest.main()
