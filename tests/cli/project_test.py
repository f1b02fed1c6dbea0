# SPDX-License-Identifier: Apache-2.0
"""Commands on project files, good and bad, without any cloud."""

import json
import os

from harness import ProgramTest

GOOD = """\
project: demo
functions:
  - name: hello
    source: hello
    handler: hello:handler
deployments:
  - {provider: aws, regions: [eu-central-1]}
"""


class Init(ProgramTest):
    def templates(self):
        return self.document("init", "--list", schema="pyfops.init/1")["templates"]

    def test_each_template_makes_a_valid_project(self):
        names = self.templates()
        self.assertIn("starter", names)
        for name in names:
            with self.subTest(template=name):
                made = self.document("init", f"My {name} 2", "--template", name, schema="pyfops.init/1")
                self.assertEqual(list(made), ["schema", "template", "project", "directory", "files"])
                self.assertEqual(made["project"], f"my-{name}-2")
                folder = os.path.join(self.folder, f"My {name} 2")
                for file in made["files"]:
                    with open(os.path.join(folder, file), encoding="utf-8") as text:
                        self.assertNotIn("{{", text.read())
                valid = self.document("validate", "--no-import", schema="pyfops.validate/1", cwd=folder)
                self.assertTrue(valid["valid"])
                self.assertGreater(valid["deployments"], 0)

    def test_it_tells_what_comes_next(self):
        result = self.check("init", "demo")
        self.assertIn("made the project 'demo'", result.stdout)
        self.assertIn("  cd demo\n", result.stderr)
        self.assertIn("  cd 'Mein Projekt'\n", self.check("init", "Mein Projekt").stderr)
        self.assertIn("pyfops run --local", result.stderr)

    def test_nothing_is_overwritten_and_nothing_is_half_done(self):
        path = self.write("demo/README.md", "mine")
        error = self.document("init", "demo", schema="pyfops.error/1", code=2)
        self.assertIn("README.md is already in 'demo'", error["message"])
        self.assertEqual(os.listdir(self.folder + "/demo"), ["README.md"])
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "mine")

    def test_a_dangling_link_is_not_written_through(self):
        os.makedirs(self.folder + "/demo")
        os.symlink("/nowhere/at/all", self.folder + "/demo/pyfops.yaml")
        self.check("init", "demo", code=2)

    def test_an_unknown_template_gets_a_suggestion(self):
        self.assertIn("did you mean 'starter'?", self.check("init", "-t", "startr", code=2).stderr)


class BadProjects(ProgramTest):
    def error_of(self, text, *words, code=2):
        self.write("pyfops.yaml", text)
        self.write("hello/hello.py", "def handler(event):\n    return event\n")
        return self.check(*(words or ("validate", "--no-import")), code=code).stderr

    def test_no_project_file(self):
        for command in ("validate", "run", "plan", "package", "list", "invoke", "logs", "test"):
            with self.subTest(command=command):
                result = self.check(command, code=2)
                self.assertIn("no pyfops.yaml in ", result.stderr)
                self.assertIn("pyfops init", result.stderr)
        self.assertIn(
            "there is no project file 'other.yaml'", self.check("validate", "-f", "other.yaml", code=2).stderr
        )
        self.assertEqual(
            sorted(set(os.listdir(self.folder)) - {"cache", "home"}), [], "nothing is left behind"
        )

    def test_broken_yaml(self):
        error = self.error_of("project: demo\nfunctions: [\n")
        self.assertRegex(error, r"pyfops\.yaml:\d+:\d+: error: ")
        self.assertIn("1 error\n", error)

    def test_unknown_key(self):
        error = self.error_of(GOOD.replace("handler:", "handlr:"))
        self.assertIn("handlr: hello:handler\n", error)
        self.assertIn("did you mean 'handler'?", error)
        self.assertIn("^~~~", error)

    def test_unknown_provider(self):
        error = self.error_of(GOOD.replace("aws", "awss"))
        self.assertIn("awss", error)
        self.assertIn("did you mean 'aws'?", error)

    def test_unknown_region(self):
        error = self.error_of(GOOD.replace("eu-central-1", "eu-centrl-1"))
        self.assertRegex(error, r"pyfops\.yaml:7:\d+: error: .*eu-centrl-1")
        self.assertRegex(error, "[Dd]id you mean 'eu-central-1'")

    def test_memory_that_the_provider_does_not_allow(self):
        error = self.error_of(GOOD.replace("    handler:", "    memory: 64\n    handler:"))
        self.assertRegex(error, r"pyfops\.yaml:5:\d+: error: .*64")

    def test_every_finding_is_told(self):
        error = self.error_of(GOOD.replace("handler:", "handlr:").replace("regions:", "regoins:"))
        self.assertIn("did you mean 'handler'?", error)
        self.assertIn("did you mean 'regions'?", error)

    def test_run_shows_the_findings_and_starts_nothing(self):
        error = self.error_of(GOOD.replace("eu-central-1", "eu-centrl-1"), "run", "--local")
        self.assertRegex(error, "[Dd]id you mean 'eu-central-1'")
        self.assertNotIn("afcl.db", str(list(os.walk(self.folder))))

    def test_findings_as_json(self):
        self.error_of(GOOD.replace("handler:", "handlr:"))
        valid = self.document("validate", "--no-import", schema="pyfops.validate/1", code=2)
        self.assertEqual(
            list(valid), ["schema", "valid", "file", "project", "functions", "deployments", "findings"]
        )
        self.assertFalse(valid["valid"])
        keys = ["severity", "code", "summary", "hint", "path", "file", "line", "column"]
        for finding in valid["findings"]:
            self.assertEqual(list(finding), keys)
        error = self.document("run", schema="pyfops.error/1", code=2)
        self.assertEqual([list(finding) for finding in error["findings"]], [keys] * len(error["findings"]))

    def test_a_hostile_file_cannot_steer_the_terminal(self):
        self.assertNotIn("\x1b", self.error_of(GOOD + '"\\e[2J": 1\n'))


class GoodProjects(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", GOOD)
        self.write("hello/hello.py", "def handler(event):\n    return event\n")

    def test_validate(self):
        result = self.check("validate", "--no-import")
        self.assertIn("project 'demo' is valid: 1 function, 1 deployment\n", result.stdout)

    def test_from_below_and_by_name(self):
        self.check("validate", "--no-import", cwd=self.folder + "/hello")
        self.check("validate", "--no-import", "-f", self.folder, cwd="/")
        self.check("-f", self.folder + "/pyfops.yaml", "validate", "--no-import", cwd="/")

    def test_the_schema_is_json_schema(self):
        schema = json.loads(self.check("validate", "--print-schema").stdout)
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")

    def test_list_of_nothing(self):
        self.assertIn("no deployment is recorded in sqlite:", self.check("list").stderr)
        listing = self.document("list", schema="pyfops.list/1")
        self.assertEqual(list(listing), ["schema", "source", "deployments"])
        self.assertFalse(os.path.exists(self.folder + "/.pyfops"), "looking creates nothing")

    def test_the_database_is_created_checked_and_not_confused(self):
        self.assertIn("there is no database", self.check("db", "migrate", "--check", code=4).stderr)
        made = self.document("db", "migrate", schema="pyfops.database/1")
        self.assertEqual(
            list(made), ["schema", "database", "migrated", "version", "latest", "differences", "findings"]
        )
        self.assertEqual(made["version"], made["latest"])
        again = self.document("db", "migrate", "--check", schema="pyfops.database/1")
        self.assertEqual((again["migrated"], again["differences"]), (False, []))
        self.write("other.db", "this is no database, but it is long enough to be looked at" * 20)
        self.check("list", "--database", "sqlite:other.db", code=4)
        self.check("list", "--database", "postgres://x", code=2)

    def test_a_database_that_is_down_is_told_by_its_own_exit_code(self):
        url = "mariadb://nobody:hidden-word@127.0.0.1:1/afcl"
        result = self.check("list", "--database", url, code=4)
        self.assertNotIn("hidden-word", result.stdout + result.stderr)
        error = self.document("list", "--database", url, schema="pyfops.error/1", code=4)
        self.assertNotIn("hidden-word", json.dumps(error))

    def test_plugins(self):
        plugins = self.document("plugins", schema="pyfops.plugins/1")["plugins"]
        self.assertIn("aws", [plugin["id"] for plugin in plugins])
        details = self.document("plugins", "aws", schema="pyfops.plugin/1")
        self.assertIn("eu-central-1", [region["code"] for region in details["regions"]])
        text = self.check("plugins", "aws").stdout
        self.assertIn("Frankfurt", text)
        self.assertIn("sources:", text)
        self.assertIn("did you mean 'aws'?", self.check("plugins", "awss", code=2).stderr)

    def test_a_broken_plugin_is_told_and_the_others_still_load(self):
        self.write("plugins/pyfops_broken.so", "no library at all")
        path = {"PYFOPS_PLUGIN_PATH": self.folder + "/plugins"}
        result = self.check("plugins", code=2, environment=path)
        self.assertIn("pyfops_broken.so", result.stderr)
        self.assertIn("aws", result.stdout)
        self.check("validate", "--no-import", environment=path)

    def test_destroy_does_not_guess(self):
        result = self.check("destroy", code=2)
        self.assertIn("--yes", result.stderr)

    def test_only_is_checked(self):
        error = self.check("run", "--local", "--only", "regoin=eu-*", code=2).stderr
        self.assertIn("region", error)
        self.check("run", "--only", "region=mars-*", code=2)

    def test_functions_are_suggested(self):
        error = self.check("invoke", "helo", code=2).stderr
        self.assertIn("did you mean 'hello'?", error)
        self.assertIn("the event is not JSON", self.check("invoke", "hello", "{no", code=2).stderr)
        self.check("invoke", "hello", "@missing.json", code=2)

    def test_a_function_that_only_leaves_needs_no_name(self):
        self.write(
            "pyfops.yaml",
            GOOD.replace(
                "deployments:\n", "  - {name: other, source: hello, handler: hello:handler}\ndeployments:\n"
            ).replace("[eu-central-1]}", "[eu-central-1], functions: [hello]}")
            + "  - {provider: aws, regions: [us-east-1, us-west-2]}\n",
        )
        nowhere = {"AWS_EC2_METADATA_DISABLED": "true"}
        self.assertIn("name one of hello, other", self.check("invoke", code=2).stderr)
        self.assertIn(
            "name one of hello, other", self.check("invoke", "--only", "region=us-east-1", code=2).stderr
        )
        for command in ("invoke", "logs"):
            self.check(command, "--only", "region=eu-*", code=3, environment=nowhere)
        self.assertIn(
            "--only matches no deployment",
            self.check("invoke", "hello", "--only", "region=mars", code=2).stderr,
        )

    def test_a_place_that_cannot_be_written_is_told_with_a_remedy(self):
        self.write("taken", "")
        for command in ("wrap", "package"):
            error = self.document(command, "-o", "taken/here", schema="pyfops.error/1", code=2)
            self.assertIn("cannot write into", error["message"])
            self.assertIn("--output", error["hint"])

    def test_numbers_and_times_are_checked(self):
        self.assertIn("--jobs", self.check("run", "-j", "many", code=2).stderr)
        self.assertIn("--since", self.check("logs", "hello", "--since", "yesterday", code=2).stderr)
        self.assertIn("--timeout", self.check("run", "--timeout", "soon", code=2).stderr)

    def test_no_credentials(self):
        nowhere = {"AWS_EC2_METADATA_DISABLED": "true"}
        result = self.run_pyfops("run", environment=nowhere)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("credentials", result.stderr)
        document = self.document("run", schema="pyfops.run/1", code=3, environment=nowhere)
        self.assertEqual(document["deployments"][0]["failure"]["kind"], "unauthenticated")

    def test_doctor_of_the_local_cloud(self):
        checks = self.document("doctor", "--local", schema="pyfops.doctor/1")["checks"]
        self.assertIn(
            ".pyfops/local/afcl.db does not exist yet",
            [one["text"] for one in checks if one["area"] == "database"][0],
        )
        self.assertNotIn("credentials", " ".join(one["text"] for one in checks))

    def test_doctor_in_lines_that_can_be_read(self):
        text = self.check("doctor", environment={"AWS_EC2_METADATA_DISABLED": "true"}).stdout
        for line in text.splitlines():
            self.assertTrue(len(line) <= 80 or " " not in line.strip(), line)

    def test_doctor(self):
        document = self.document(
            "doctor", schema="pyfops.doctor/1", environment={"AWS_EC2_METADATA_DISABLED": "true"}
        )
        self.assertEqual(list(document), ["schema", "healthy", "checks"])
        areas = {check["area"] for check in document["checks"]}
        self.assertLessEqual({"pyfOps", "Python", "sandbox", "providers", "database", "clock"}, areas)
