# SPDX-License-Identifier: Apache-2.0
"""The pyfops program as its users start it, in a project of its own that knows nothing of this machine's accounts."""

import json
import os
import pathlib
import subprocess
import urllib.parse

from conftest import BIN


class Project:
    """A folder with a project, and the program run in it."""

    def __init__(self, folder, **environment):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "LC_ALL": "C",
            "HOME": str(self.folder.parent / "home"),
            "PYFOPS_CACHE_DIR": os.environ.get("PYFOPS_TEST_CACHE", str(self.folder.parent / "cache")),
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        # Where packages come from is the machine's matter.
        wanted = (
            "PIP_",
            "SSL_CERT_FILE",
            "ASAN_",
            "UBSAN_",
            "TSAN_",
            "HTTP_PROXY",
            "HTTPS_PROXY",
            "NO_PROXY",
        )
        self.environment.update(
            {name: text for name, text in os.environ.items() if name.upper().startswith(wanted)}
        )
        self.environment.update(environment)
        self.sent = []

    def write(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run(self, *words, code=0, trace=False):
        """The document of `pyfops WORDS --json`; with trace, `sent` holds the requests that it made."""
        words = [*words, "--json"]
        har = self.folder.parent / "trace.har"
        if trace:
            har.unlink(missing_ok=True)
            words += ["--trace-http", str(har)]
        done = subprocess.run(
            [BIN / "pyfops", *words],
            cwd=self.folder,
            env=self.environment,
            timeout=300,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        assert done.returncode == code, "pyfops %s: %d\n%s%s" % (
            " ".join(words),
            done.returncode,
            done.stdout,
            done.stderr,
        )
        if trace:
            self.sent = [entry["request"] for entry in json.loads(har.read_text())["log"]["entries"]]
        return json.loads(done.stdout)

    def writes(self):
        """What of `sent` changes something: a form or an RPC by the name of its action."""
        changing = []
        for request in self.sent:
            url = urllib.parse.urlsplit(request["url"])
            action = request["method"] + " " + url.path
            if request["method"] == "POST" and url.path == "/":
                form = urllib.parse.parse_qs(request.get("postData", {}).get("text", ""))
                action = form.get("Action", [action])[0]
            if not action.startswith(("GET ", "HEAD ", "Get", "List", "Describe")):
                changing.append(action)
        return changing
