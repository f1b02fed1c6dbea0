# SPDX-License-Identifier: Apache-2.0
"""What the tests of the program share."""

import fcntl
import json
import os
import pty
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time
import unittest

PROGRAM = os.environ["PYFOPS_PROGRAM"]
SOURCE = os.environ["PYFOPS_SOURCE_DIR"]


class ProgramTest(unittest.TestCase):
    """Every test has a folder of its own, a home in it, and no credentials."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="pyfops-cli-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": self.folder + "/home",
            "LC_ALL": "C",
            "PYFOPS_CACHE_DIR": os.environ.get("PYFOPS_TEST_CACHE", self.folder + "/cache"),
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]

    def run_pyfops(self, *words, cwd=None, timeout=60, environment=None, **more):
        if "stdin" not in more and "input" not in more:
            more["stdin"] = subprocess.DEVNULL
        return subprocess.run(
            [PROGRAM, *words],
            cwd=cwd or self.folder,
            text=True,
            timeout=timeout,
            env={**self.environment, **(environment or {})},
            stdout=more.pop("stdout", subprocess.PIPE),
            stderr=more.pop("stderr", subprocess.PIPE),
            **more,
        )

    def check(self, *words, code=0, **more):
        result = self.run_pyfops(*words, **more)
        self.assertEqual(
            result.returncode,
            code,
            f"pyfops {' '.join(words)}\n--- stdout\n{result.stdout}\n--- stderr\n{result.stderr}",
        )
        return result

    def document(self, *words, schema, code=0, **more):
        """Runs with --json: stdout is one document of that schema."""
        result = self.check(*words, "--json", code=code, **more)
        document = json.loads(result.stdout)
        self.assertEqual(document["schema"], schema, document)
        return document

    def on_terminal(self, *words, environment=None, columns=80):
        """Runs on a pseudo terminal; returns what it showed."""
        primary, secondary = pty.openpty()
        fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = subprocess.Popen(
            [PROGRAM, *words],
            cwd=self.folder,
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            env={**self.environment, "TERM": "xterm", **(environment or {})},
        )
        os.close(secondary)
        shown = b""
        while True:
            try:
                piece = os.read(primary, 65536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        os.close(primary)
        process.wait(timeout=60)
        return shown.decode()

    def write(self, name, text):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def wait_for_the_end(self):
        """The local cloud ends by itself soon after the last command; its folder must not go before."""
        state = os.path.join(self.folder, ".pyfops/local/emulator.json")
        if os.path.exists(state):
            with open(state, encoding="utf-8") as file:
                os.kill(json.load(file)["pid"], signal.SIGTERM)
        for _ in range(200):
            if not os.path.exists(state):
                return
            time.sleep(0.05)
