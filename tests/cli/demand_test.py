# SPDX-License-Identifier: Apache-2.0
"""Deployments that the AFCL metadata database asks for: `--from-database`."""

import json
import os
import sqlite3

from harness import ProgramTest

PROJECT = {
    "project": "demo",
    "functions": [
        {
            "name": "hello",
            "source": "hello",
            "handler": "hello:handler",
            "tests": [{"name": "ada", "input": {"name": "Ada"}, "expect": {"greeting": "Hello, Ada"}}],
        }
    ],
}
HELLO = """\
def handler(event):
    return {"greeting": "Hello, " + event["name"]}
"""
DOUBLE = """\
import os


def lambda_handler(event, context):
    return {"result": event["number"] * int(os.environ["FACTOR"])}
"""
PROVIDERS = {"AWS": 1, "IBM": 2}


class Demand(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", json.dumps(PROJECT))
        self.write("hello/hello.py", HELLO)
        self.write("others/double/double.py", DOUBLE)
        self.check("db", "migrate", "--local")
        self.addCleanup(self.wait_for_the_end)
        self.types = {}

    def database(self, *statements):
        with sqlite3.connect(os.path.join(self.folder, ".pyfops/local/afcl.db"), timeout=30) as database:
            for statement in statements:
                answer = database.execute(*statement).fetchall()
        database.close()
        return answer

    def add_region(self, number, code, provider):
        self.database(
            (
                "INSERT INTO region (id, region, provider, providerID) VALUES (?, ?, ?, ?)",
                (number, code, provider, PROVIDERS[provider]),
            )
        )

    def add_implementation(self, number, kind, provider, path=None):
        if kind not in self.types:
            self.types[kind] = len(self.types) + 1
            self.database(
                (
                    "INSERT INTO functiontype (id, name, type) VALUES (?, ?, ?)",
                    (self.types[kind], kind, kind + "Type"),
                )
            )
        self.database(
            (
                "INSERT INTO functionimplementation (id, name, functionType_id, provider, language_id, "
                "implementationFilePath) VALUES (?, ?, ?, ?, 6, ?)",
                (number, f"{kind}{provider}Python", self.types[kind], PROVIDERS[provider], path),
            )
        )

    def add_deployment(self, number, implementation, region, **more):
        row = {
            "id": number,
            "name": f"row{number}",
            "functionImplementation_id": implementation,
            "regionID": region,
            "description": "asked for",
            "handlerName": "",
            "isDeployed": 0,
            "memorySize": 256,
            "timeout": 20,
            **more,
        }
        marks = ", ".join("?" * len(row))
        self.database(
            (f"INSERT INTO functiondeployment ({', '.join(row)}) VALUES ({marks})", tuple(row.values()))
        )

    def add_rows(self):
        self.add_region(1, "eu-central-1", "AWS")
        self.add_region(2, "eu-de", "IBM")
        self.add_implementation(1, "hello", "AWS")
        self.add_implementation(2, "hello", "IBM")
        self.add_implementation(3, "double", "AWS", path="others/double")
        self.add_deployment(11, 1, 1, input='{"name": "Bob"}')
        self.add_deployment(12, 2, 2, memorySize=1024, input='{"name": "Bob"}')
        self.add_deployment(13, 3, 1, handlerName="double.lambda_handler", input='{"number": 21}')
        self.database(
            ("INSERT INTO functiondeployment_environmentvariables VALUES (13, '2', 'FACTOR')",),
        )

    def run_json(self, *words, code=0, **more):
        return self.document(
            "run", "--local", "--from-database", *words, schema="pyfops.run/1", code=code, **more
        )

    def rows(self):
        return self.database(
            (
                "SELECT id, isDeployed, memorySize, KMS_Arn <> '', description, input FROM functiondeployment ORDER BY id",
            )
        )

    def test_rows_are_deployed_tested_and_written_back(self):
        self.add_rows()
        plan = self.document("plan", "--local", "--from-database", schema="pyfops.plan/1")
        self.assertEqual({row["action"] for row in plan["deployments"]}, {"create"})
        result = self.run_json(timeout=180)
        rows = {(row["function"], row["provider"]): row for row in result["deployments"]}
        self.assertEqual(set(rows), {("hello", "aws"), ("hello", "ibm"), ("double", "aws")})
        self.assertEqual(
            {row["verdict"].split(",")[0] for row in rows.values()}, {"2/2 passed", "1/1 passed"}, rows
        )
        self.assertEqual(rows["hello", "ibm"]["memory_mb"], 1024)
        answer = rows["double", "aws"]["tests"][0]
        self.assertEqual(answer["output"], {"result": 42}, answer)
        self.assertEqual(
            self.rows(),
            [
                (11, 1, 256, 1, "asked for", '{"name": "Bob"}'),
                (12, 1, 1024, 1, "asked for", '{"name": "Bob"}'),
                (13, 1, 256, 1, "asked for", '{"number": 21}'),
            ],
        )
        self.assertEqual(self.database(("SELECT COUNT(*) FROM functionimplementation",)), [(3,)])
        self.assertEqual(self.database(("SELECT COUNT(*) FROM functiontype",)), [(2,)])

        # Nothing waits any more.
        again = self.check("run", "--local", "--from-database")
        self.assertEqual(again.stdout, "")
        self.assertIn("nothing to do", again.stderr)
        self.assertEqual(self.run_json()["deployments"], [])
        # All of them, and nothing has changed.
        redone = self.run_json("--redeploy", timeout=180)
        self.assertEqual(
            {row["deployment"]["action"] for row in redone["deployments"]}, {"unchanged"}, redone
        )
        # What another program resets is deployed again; what was destroyed only when asked for.
        self.database(("UPDATE functiondeployment SET isDeployed = 0 WHERE id = 11",))
        self.check("destroy", "--local", "--yes", "--only", "function=double", timeout=120)
        self.assertEqual(
            [row["function"] for row in self.run_json(timeout=120)["deployments"]],
            ["hello"],
        )
        redone = self.run_json("--redeploy", "--only", "function=double", timeout=120)
        self.assertEqual([row["deployment"]["action"] for row in redone["deployments"]], ["created"])
        self.assertEqual([row[1] for row in self.rows()], [1, 1, 1])

    def test_rows_that_contradict_stop_before_the_cloud(self):
        self.add_rows()
        self.add_deployment(14, 1, 2)  # an implementation for AWS in a region of IBM
        self.add_deployment(15, 1, 1, input="{name: Bob}", memorySize=512)
        self.add_deployment(16, 1, 1)  # as row 11
        self.add_region(3, "eu-middle-1", "AWS")
        self.add_deployment(17, 1, 3)
        result = self.check("run", "--local", "--from-database", code=2)
        for number, words in (
            (14, "its region 'eu-de' is one of 'IBM'"),
            (15, "the input"),
            (16, "it asks for what row 11 asks for"),
            (17, "eu-middle-1"),
        ):
            self.assertRegex(
                result.stderr, rf"functiondeployment row {number} \(row{number}\): error: .*{words}"
            )
        self.assertEqual({row[1] for row in self.rows()}, {0})
        self.assertFalse(os.path.exists(os.path.join(self.folder, ".pyfops/local/emulator.json")))
        # What is meant can be deployed all the same.
        rows = self.run_json("--only", "provider=ibm", timeout=120)["deployments"]
        self.assertEqual([row["function"] for row in rows], ["hello"])

    def test_rows_of_others_are_left_alone(self):
        self.add_region(1, "eu-central-1", "AWS")
        self.add_implementation(1, "stranger", "AWS", path="/etc")
        self.add_deployment(11, 1, 1)
        result = self.check("run", "--local", "--from-database")
        self.assertIn(
            "row 11 (row11): warning: its implementation 'strangerAWSPython' is no function", result.stderr
        )
        self.assertIn("nothing to do", result.stderr)

    def test_a_database_of_something_else(self):
        with sqlite3.connect(os.path.join(self.folder, "shop.db")) as database:
            database.execute("CREATE TABLE customers (id int)")
        database.close()
        result = self.check("run", "--local", "--from-database", "--database", "sqlite:shop.db", code=4)
        self.assertIn("no AFCL metadata database", result.stderr)
        with sqlite3.connect(os.path.join(self.folder, "shop.db")) as database:
            self.assertEqual(database.execute("SELECT name FROM sqlite_master").fetchall(), [("customers",)])
        database.close()

    def test_redeploy_alone_means_nothing(self):
        result = self.check("run", "--local", "--redeploy", code=2)
        self.assertIn("--from-database", result.stderr)
