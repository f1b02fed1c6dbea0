# SPDX-License-Identifier: Apache-2.0
"""The project file, the code and the packages: refused before anything is uploaded."""

import json
import os
import unittest

from harness import ECHO, BadInput


class ProjectFiles(BadInput):
    """`run` on each: exit code 2, the place, a remedy; nothing is recorded and nothing asked of the cloud."""

    def refused(self, *says, json_code=None):
        before = len(self.cloud.requests())
        self.check("run", code=2, says=says)
        error = json.loads(self.check("run", "--json", code=2).stdout)
        self.assertEqual((error["schema"], error["exit_code"]), ("pyfops.error/1", 2))
        if json_code:
            self.assertIn(json_code, [finding["code"] for finding in error["findings"]])
        self.assertEqual(len(self.cloud.requests()), before)
        self.assertFalse(os.path.exists(self.folder + "/.pyfops"))

    def edited(self, old, new):
        self.project()
        text = json.dumps(json.loads(open_text(self.folder + "/pyfops.yaml")), indent=1)
        self.assertIn(old, text)
        self.write("pyfops.yaml", text.replace(old, new))

    def test_no_project_file(self):
        self.refused("no pyfops.yaml in ", "pyfops init")

    def test_broken_yaml(self):
        self.write("pyfops.yaml", "project: demo\nfunctions: [\n")
        self.refused(
            "pyfops.yaml:2:13: error: this is not YAML", "a ']' or a ',' is missing", json_code="yaml-syntax"
        )

    def test_an_unknown_key(self):
        self.edited('"handler"', '"handlr"')
        self.refused(
            "pyfops.yaml:7:", "unknown key 'handlr'", "^", "did you mean 'handler'?", json_code="unknown-key"
        )

    def test_an_unknown_provider(self):
        self.edited('"aws"', '"awss"')
        self.refused("pyfops.yaml:", "awss", "did you mean 'aws'?", json_code="unknown-provider")

    def test_an_unknown_region(self):
        self.edited('"eu-central-1"', '"eu-centrl-1"')
        self.refused(
            "pyfops.yaml:",
            "AWS Lambda has no region 'eu-centrl-1'",
            "id you mean 'eu-central-1'",
            json_code="unknown-region",
        )

    def test_memory_that_is_not_allowed(self):
        for memory in ("127", "10241"):
            with self.subTest(memory=memory):
                self.edited('"handler"', f'"memory": {memory}, "handler"')
                self.refused(
                    "pyfops.yaml:7:",
                    f"AWS Lambda does not offer {memory} MB",
                    "128 to 10240 MB can be had",
                    json_code="memory",
                )

    def test_a_module_that_does_not_exist(self):
        self.edited('"good:handler"', '"god:handler"')
        self.refused(
            "pyfops.yaml:7:",
            "good has no module 'god'",
            "did you mean 'good:handler'?",
            json_code="module-missing",
        )


def open_text(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


class Code(BadInput):
    BAD = {
        "missing": (
            {"source": ECHO, "handler": "missing:handlr"},
            "missing.py: the module 'missing' has no 'handlr'",
            "did you mean 'handler'?",
        ),
        "noimport": (
            "import no_such_module\n" + ECHO,
            "noimport.py:1: importing 'noimport' fails: No module named 'no_such_module'",
            "add the package of 'no_such_module' to the requirements file",
        ),
        "syntax": ("\ndef handler(event:\n", "syntax.py:2: SyntaxError: '(' was never closed", ""),
        "aclass": (
            "class handler:\n    pass\n",
            "aclass.py:1: 'handler' is a class, not a function",
            "name a function, or an instance of the class that can be called",
        ),
        "leaving": (
            "import sys\nsys.exit(0)\n",
            "leaving.py:2: importing 'leaving' ends Python (sys.exit(0))",
            "put what must not run at import below",
        ),
        "crashing": (
            "import os\nos.kill(os.getpid(), 11)\n",
            "kills Python with signal 11",
            "put what must not run at import into the handler",
        ),
    }

    def test_a_handler_that_cannot_be_used_is_not_uploaded_and_stops_no_other(self):
        self.project({**{name: given for name, (given, _, _) in self.BAD.items()}, "good": ECHO})
        result = self.check("run", code=1, says=f"{len(self.BAD)} of {len(self.BAD) + 1} deployments failed")
        for name, (_, text, hint) in self.BAD.items():
            with self.subTest(handler=name):
                self.assertIn(
                    f"{name} aws/eu-central-1\nerror: checking the handler of '{name}': ", result.stderr
                )
                self.assertIn(text, result.stderr)
                self.assertIn(hint.rstrip(".").lower(), result.stderr.lower())
        self.assertEqual(self.cloud.functions(self.name), [f"eu-central-1/{self.name}-good"])
        self.assert_rows(1, 1)
        # `validate` tells the same at the line of the project file.
        document = json.loads(self.check("validate", "--json", code=2).stdout)
        told = {
            finding["path"]: finding for finding in document["findings"] if finding["severity"] == "error"
        }
        self.assertEqual(len(told), len(self.BAD))
        self.assertTrue(all(finding["line"] > 0 for finding in told.values()))


class Packages(BadInput):
    def test_over_the_limit(self):
        self.project({"large": ECHO, "good": ECHO})
        with open(self.write("large/model.bin", ""), "r+b") as file:
            file.truncate(263_000_000)
        self.check(
            "run",
            code=1,
            says=(
                "large aws/eu-central-1\nerror: ",
                "the package has 263.0 MB unzipped; at most 262.1 MB are allowed",
                "(your code) 263.0 MB",
                ".pyfopsignore",
                "1 of 2 deployments failed",
            ),
        )
        self.assertEqual(self.cloud.functions(self.name), [f"eu-central-1/{self.name}-good"])
        self.assert_rows(1, 1)

    def requirements(self, text, *says, **settings):
        self.project({"needy": {"source": ECHO, "requirements": "requirements.txt"}, "good": ECHO})
        self.write("needy/requirements.txt", text)
        self.check(
            "run",
            code=1,
            says=("needy aws/eu-central-1\nerror: ", "  hint: ", "1 of 2 deployments failed", *says),
            environment=settings,
        )
        self.assertEqual(self.cloud.functions(self.name), [f"eu-central-1/{self.name}-good"])
        self.assert_rows(1, 1)
        self.assertFalse(os.path.exists(self.folder + "/pyfops.lock"), "half a resolution is no resolution")

    def test_a_requirement_that_is_none(self):
        self.requirements("fine\nno == such == thing\n", "requirements.txt:2")

    def test_a_local_path_that_is_not_there(self):
        self.requirements("./vendor/missing-1.0-py3-none-any.whl\n", "requirements.txt:1")


if __name__ == "__main__":
    unittest.main()
