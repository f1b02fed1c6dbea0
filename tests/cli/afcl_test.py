# SPDX-License-Identifier: Apache-2.0
"""Workflows, metadata files and credentials of the AFCL family, as a user meets them."""

import http.server
import json
import os
import stat
import threading

from harness import ProgramTest

PROJECT = """\
project: demo
functions:
  - {name: hello, source: hello, handler: "hello:handler"}
deployments:
  - {provider: aws, regions: [eu-central-1]}
"""
LINK = "arn:aws:lambda:eu-central-1:123456789012:function:hello"
WORKFLOW = """\
name: greet # a comment
workflowBody:
  - function:
      name: "hello"
      type: "helloType"
      properties:
        - name: "resource"
          value: "python:TODO"
"""
FILES = {
    "provider": [{"id": 1, "name": "AWS"}],
    "region": [{"id": 8, "region": "eu-central-1", "provider": "AWS", "providerID": 1}],
    "functiontype": [{"id": 1, "name": "hello", "type": "helloType"}],
    "functionimplementation": [
        {"id": 1, "name": "helloAWSPython", "functionType_id": 1, "provider": 1, "language_id": 5}
    ],
    "functiondeployment": [
        {
            "id": 1,
            "name": "helloAWSPythonF",
            "functionImplementation_id": 1,
            "KMS_Arn": LINK,
            "regionID": 8,
            "isDeployed": True,
            "memorySize": 128,
            "timeout": 30,
        }
    ],
}


class Afcl(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", PROJECT)
        self.write("hello/hello.py", "def handler(event):\n    return event\n")
        self.put_files()

    def put_files(self, **changed):
        for name, rows in {**FILES, **changed}.items():
            self.write(f"rows/{name}.json", json.dumps(rows))

    def read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", newline="") as file:
            return file.read()


class Exchange(Afcl):
    def test_import_and_export(self):
        imported = self.document("db", "import", "rows", schema="pyfops.db-import/1")
        self.assertTrue(imported["written"])
        self.assertEqual(
            {entry["table"]: entry["added"] for entry in imported["tables"]},
            {
                "provider": 0,
                "region": 1,
                "functiontype": 1,
                "functionimplementation": 1,
                "functiondeployment": 1,
            },
        )
        exported = self.document("db", "export", "out", schema="pyfops.db-export/1")
        self.assertEqual((exported["for"], exported["realm"]), ("engine", "real"))
        self.assertEqual(len(exported["files"]), 11)
        names = {row["name"] for row in json.loads(self.read("out/provider.json"))}
        self.assertEqual(names, {"AWS", "IBM", "GOOGLE", "AZURE", "ALIBABA"})
        self.assertEqual(json.loads(self.read("out/functiondeployment.json"))[0]["KMS_Arn"], LINK)
        self.check("db", "export", "--for", "scheduler")
        names = {row["name"] for row in json.loads(self.read("metadata/provider.json"))}
        self.assertEqual(names, {"AWS", "IBM", "Google", "Microsoft", "Alibaba"})
        again = self.check("db", "import", "metadata")
        self.assertRegex(again.stdout, r"functiondeployment +functiondeployment\.json +0 +1")
        empty = self.document(
            "db",
            "export",
            "none",
            "--database",
            "sqlite:.pyfops/afcl.db",
            "--local",
            schema="pyfops.db-export/1",
        )
        rows = {entry["file"]: entry["rows"] for entry in empty["files"]}
        self.assertEqual(rows["functiondeployment.json"], 0)

    def test_check_changes_nothing(self):
        self.check("db", "migrate")
        checked = self.document("db", "import", "rows", "--check", schema="pyfops.db-import/1")
        self.assertFalse(checked["written"])
        self.assertEqual(checked["tables"][-1]["added"], 1)
        self.assertEqual(
            self.document("db", "import", "rows", schema="pyfops.db-import/1")["tables"][-1]["added"], 1
        )

    def test_findings_name_file_and_row(self):
        self.put_files(functiondeployment=FILES["functiondeployment"] + [{"id": 2, "name": "x"}])
        result = self.check("db", "import", "rows", code=2)
        self.assertRegex(result.stderr, r"rows/functiondeployment\.json:1:1: error: row 2 \('x'\) needs a ")
        self.assertIn("nothing was written", result.stderr)
        self.assertEqual(result.stdout, "")
        document = self.document("db", "import", "rows", schema="pyfops.db-import/1", code=2)
        self.assertFalse(document["written"])
        self.assertIn("row 2", document["findings"][0]["summary"])

    def test_wrong_usage(self):
        self.assertIn("needs the folder", self.check("db", "import", code=2).stderr)
        self.assertIn("no directory nowhere", self.check("db", "import", "nowhere", code=2).stderr)
        self.assertIn("none of AFCL's metadata files", self.check("db", "import", "hello", code=2).stderr)
        self.assertIn("takes no 'x'", self.check("db", "migrate", "x", code=2).stderr)
        self.assertIn("leave out --local", self.check("db", "import", "rows", "--local", code=2).stderr)
        self.assertIn("engine, scheduler", self.check("db", "export", "--for", "nobody", code=2).stderr)
        self.write("rows/region.json", "[{]")
        self.assertIn("rows/region.json is not JSON", self.check("db", "import", "rows", code=2).stderr)

    def test_export_needs_a_database(self):
        self.assertIn("'pyfops db migrate' creates it", self.check("db", "export", code=4).stderr)


class Bind(Afcl):
    def setUp(self):
        super().setUp()
        self.check("db", "import", "rows")
        self.write("w.yaml", WORKFLOW)

    BOUND = WORKFLOW.replace("python:TODO", "python:" + LINK).replace(
        '"helloType"\n', '"helloType"\n      deployment: "AWS_eu-central-1_128"\n'
    )

    def test_over_the_file_itself(self):
        os.chmod(self.folder + "/w.yaml", 0o640)
        os.symlink("w.yaml", self.folder + "/link.yaml")
        result = self.check("afcl", "bind", "link.yaml")
        self.assertEqual(self.read("w.yaml"), self.BOUND)
        self.assertTrue(os.path.islink(self.folder + "/link.yaml"))
        self.assertEqual(stat.S_IMODE(os.stat(self.folder + "/w.yaml").st_mode), 0o640)
        self.assertIn("link.yaml:5: hello (helloType): helloAWSPythonF\n", result.stdout)
        self.assertIn("resource: python:TODO -> python:" + LINK, result.stdout)
        self.assertIn("unchanged", self.check("afcl", "bind", "w.yaml").stdout)

    def test_elsewhere(self):
        self.assertEqual(self.check("afcl", "bind", "w.yaml", "-o", "-").stdout, self.BOUND)
        self.check("afcl", "bind", "w.yaml", "-o", "out/new.yaml")
        self.assertEqual(self.read("out/new.yaml"), self.BOUND)
        self.assertEqual(self.read("w.yaml"), WORKFLOW)
        self.assertIn(
            "leave out --json", self.check("afcl", "bind", "w.yaml", "-o", "-", "--json", code=2).stderr
        )

    def test_check(self):
        checked = self.document("afcl", "bind", "w.yaml", "--check", schema="pyfops.afcl-bind/1", code=1)
        self.assertFalse(checked["written"])
        self.assertEqual(self.read("w.yaml"), WORKFLOW)
        [function] = checked["functions"]
        self.assertEqual(
            function,
            {
                "function": "hello",
                "type": "helloType",
                "line": 5,
                "deployment_name": "helloAWSPythonF",
                "provider": "AWS",
                "region": "eu-central-1",
                "memory_mb": 128,
                "resource": "python:" + LINK,
                "old_resource": "python:TODO",
                "deployment": "AWS_eu-central-1_128",
                "old_deployment": None,
                "changed": True,
            },
        )
        self.check("afcl", "bind", "w.yaml")
        self.check("afcl", "bind", "w.yaml", "--check")

    def test_findings(self):
        self.write("w.yaml", WORKFLOW + '  - function:\n      name: x\n      type: "hallType"\n')
        before = self.read("w.yaml")
        error = self.check("afcl", "bind", "w.yaml", code=2).stderr
        self.assertRegex(
            error, r"w\.yaml:11:13: error: no function deployment of the type .hallType. is recorded"
        )
        self.assertEqual(self.read("w.yaml"), before)
        self.document("afcl", "bind", "w.yaml", schema="pyfops.afcl-bind/1", code=2)
        result = self.check("afcl", "bind", "w.yaml", "--partial")
        self.assertIn("w.yaml:11:13: warning: ", result.stderr)
        self.assertEqual(self.read("w.yaml"), self.BOUND + before[len(WORKFLOW) :])
        self.assertIn(
            "there is AWS eu-central-1 128 MB",
            self.check("afcl", "bind", "w.yaml", "--region", "us-east-1", "--partial", code=0).stderr
            + self.check("afcl", "bind", "w.yaml", "--region", "us-east-1", code=2).stderr,
        )

    def test_local_and_real_are_kept_apart(self):
        error = self.check("afcl", "bind", "w.yaml", "--local", code=4).stderr
        self.assertIn("nothing is recorded in sqlite:", error)
        error = self.check(
            "afcl", "bind", "w.yaml", "--local", "--database", "sqlite:.pyfops/afcl.db", code=2
        ).stderr
        self.assertIn("'helloType' is recorded", error)

    def test_a_read_only_file_stays(self):
        os.chmod(self.folder + "/w.yaml", 0o444)
        error = self.check("afcl", "bind", "w.yaml", code=2).stderr
        self.assertIn("w.yaml is read-only", error)
        self.assertEqual(self.read("w.yaml"), WORKFLOW)

    def test_wrong_usage(self):
        self.assertIn("afcl bind WORKFLOW", self.check("afcl", code=2).stderr)
        self.assertIn("needs the file", self.check("afcl", "bind", code=2).stderr)
        self.assertIn("nowhere.yaml", self.check("afcl", "bind", "nowhere.yaml", code=2).stderr)
        self.assertIn(
            "exclude each other",
            self.check("afcl", "bind", "w.yaml", "--cheapest", "--fastest", code=2).stderr,
        )


class Credentials(Afcl):
    def ask_a_cloud(self, *words):
        """What `doctor` signs with, as a server of AWS would see it."""
        seen = []

        class Server(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                seen.append(
                    self.headers.get("Authorization", "") + self.headers.get("X-Amz-Security-Token", "")
                )
                self.send_error(403)

            do_GET = do_POST

            def log_message(self, *arguments):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        variables = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
            "AWS_ACCESS_KEY_ID": "AKIAOTHER",
            "AWS_SECRET_ACCESS_KEY": "other",
            "AWS_SESSION_TOKEN": "token-of-the-other",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        result = self.run_pyfops("doctor", *words, environment=variables)
        return seen, result.stdout + result.stderr

    def test_a_file_is_used_when_it_is_named_and_only_then(self):
        path = self.write(
            "credentials.properties",
            "aws_access_key=AKIAIOSFODNN7EXAMPLE\naws_secret_key=wJalrXUtnFEMIsecret\nibm_api_key=abc\n",
        )
        os.chmod(path, 0o644)
        seen, _ = self.ask_a_cloud()
        self.assertTrue(seen)
        self.assertIn("Credential=AKIAOTHER/", seen[0])
        seen, output = self.ask_a_cloud("--credentials", path)
        self.assertTrue(seen)
        for header in seen:
            self.assertIn("Credential=AKIAIOSFODNN7EXAMPLE/", header)
            self.assertNotIn("token-of-the-other", header)
        self.assertIn("other users of this machine may read it", output)
        self.assertIn("'ibm_api_key' cannot be used", output)
        self.assertNotIn("wJalrXUtnFEMIsecret", output)

    def test_wrong_usage(self):
        self.assertIn(
            "no credentials file", self.check("plan", "--credentials", "x.properties", code=2).stderr
        )
        self.write("c.properties", "aws_access_key=A\n")
        error = self.check("plan", "--credentials", "c.properties", code=2).stderr
        self.assertIn("has no aws_secret_access_key", error)
        error = self.check("plan", "--credentials", "c.properties", "--local", code=2).stderr
        self.assertIn("the local cloud takes no credentials", error)

    def test_the_engines_database_file_in_the_project_file(self):
        self.write(
            "mariaDatabase.properties",
            "host=127.0.0.1\nport=1\ndatabase=afcl\nusername=me\npassword=geheim1\n",
        )
        self.write("pyfops.yaml", PROJECT + "database: mariaDatabase.properties\n")
        error = self.check("db", "migrate", code=4).stderr
        self.assertIn("mariadb://me@127.0.0.1:1/afcl", error)
        self.assertNotIn("geheim1", error)
