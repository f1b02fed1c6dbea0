# SPDX-License-Identifier: Apache-2.0
"""The AFCL database of 2021, migrated, filled by two runs at the same time, read by a Java program.

The program (src/) makes the queries of AFCL's engine and of its hourly job with the engine's own database library, and
fails where the engine would.
"""

import collections
import concurrent.futures
import hashlib
import json
import os
import subprocess
import unittest

import mariadb_server
from harness import ProgramTest

REFERENCE = os.path.join(os.environ["PYFOPS_REFERENCE_DIR"], "afcl")
DUMP = os.path.join(REFERENCE, "afcl-2021-08-16.sql")
JAVA = os.environ["PYFOPS_JAVA_TESTS"]
USER, PASSWORD = "reader", "hidden-word"

# The engine's provider, AFCL's row of it.
PROVIDERS = {
    "aws": ("AWS", 1),
    "google": ("GOOGLE", 3),
    "azure": ("AZURE", 4),
    "ibm": ("IBM", 2),
    "alibaba": ("ALIBABA", 5),
}
DEPLOYMENTS = [
    {"provider": "aws", "regions": ["eu-central-1", "us-east-1"], "memory": [256, 512]},
    {"provider": "google", "regions": ["europe-west1"], "memory": 256},
    {"provider": "azure", "regions": ["westeurope"], "memory": 512},
    {"provider": "ibm", "regions": ["eu-de"], "memory": 1024},
    # AWS has a region of that name, and AFCL wants one row for a name.
    {"provider": "alibaba", "regions": ["eu-central-1", "cn-hangzhou"], "memory": 256},
]
NEW_REGIONS = {"westeurope": "4", "alibaba-eu-central-1": "5", "cn-hangzhou": "5"}
HANDLER = "def handler(event):\n    return {'total': sum(event['numbers']) * %d}\n"


def project(name, factor):
    """A function of its own, and one that every project here has."""
    return {
        "project": name,
        "functions": [
            {
                "name": function,
                "source": "code",
                "handler": "total:handler",
                "timeout": 20,
                "tests": [
                    {"name": "some", "input": {"numbers": [1, 2, 3]}, "expect": {"total": 6 * factor}},
                    {"name": "bad", "input": {}, "expect": {"error": {"type": "KeyError"}}},
                ],
            }
            for function in ("total-" + name, "total")
        ],
        "deployments": DEPLOYMENTS,
    }


def literal(value):
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return str(int(value) if isinstance(value, bool) else value)


@unittest.skipUnless(os.path.exists(DUMP), "SKIPPED: no reference material")
@unittest.skipUnless(os.access(mariadb_server.PROGRAM, os.X_OK), "SKIPPED: no MariaDB server is installed")
@unittest.skipUnless(os.path.isdir(JAVA + "/classes"), "SKIPPED: the Java program was not built")
class Afcl(ProgramTest):
    maxDiff = None

    def setUp(self):
        super().setUp()
        self.server = mariadb_server.MariaDbServer(USER, PASSWORD)
        self.addCleanup(self.server.close)
        self.environment["PYFOPS_DB_PASSWORD"] = PASSWORD
        self.database = ("--database", f"mariadb://{USER}@127.0.0.1:{self.server.port}/afcl")

    # ---- the old database

    def sql(self, text):
        return self.server.query(text, "afcl")

    def load(self):
        with open(DUMP, encoding="utf-8") as file:
            self.server.query(file.read())
        self.columns = collections.defaultdict(list)
        for table, column, kind in self.sql(
            "SELECT table_name, column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'afcl' ORDER BY table_name, ordinal_position"
        ):
            self.columns[table].append((column, kind))
        # The rows of a scheduler of the AFCL family; the dump itself has no deployments.
        self.insert("region", "region", 0)
        for table in ("functiontype", "functionimplementation", "functiondeployment"):
            self.insert(table, table, 1000)

    def insert(self, table, file, offset):
        with open(f"{REFERENCE}/faast-{file}.json", encoding="utf-8") as stream:
            rows = json.load(stream)
        known = {
            column
            for [column] in self.sql(
                "SELECT column_name FROM information_schema.columns "
                f"WHERE table_schema = 'afcl' AND table_name = '{table}'"
            )
        }
        sql = "SET FOREIGN_KEY_CHECKS = 0;\n"
        for row in rows:
            row = {key: value for key, value in row.items() if key in known}
            for key in ("id", "functionImplementation_id", "functionType_id"):
                if key in row:
                    row[key] += offset
            names = ", ".join(f"`{key}`" for key in row)
            sql += (
                f"INSERT IGNORE INTO `{table}` ({names}) VALUES ({', '.join(map(literal, row.values()))});\n"
            )
        self.sql(sql)

    def old_values(self):
        """Of each table that was there, the hash of the old columns of each row."""
        tables = {}
        for table, columns in self.columns.items():
            values = ", ".join(
                # HEX() of a number would round it to an integer.
                f"HEX(`{name}`)" if kind.endswith(("char", "text", "blob")) else f"`{name}` + 0"
                for name, kind in columns
            )
            rows = self.sql(f"SELECT {values} FROM `{table}`")
            tables[table] = collections.Counter(
                hashlib.sha256("\t".join(row).encode()).hexdigest() for row in rows
            )
        return tables

    # ---- two runs

    def run_one(self, name, factor):
        self.write(f"{name}/pyfops.yaml", json.dumps(project(name, factor)))
        self.write(f"{name}/code/total.py", HANDLER % factor)
        return self.document(
            "run", "--local", *self.database, schema="pyfops.run/1", cwd=f"{self.folder}/{name}", timeout=400
        )

    def wait_for_the_end(self):
        whole = self.folder
        for name in ("one", "two"):
            self.folder = f"{whole}/{name}"
            super().wait_for_the_end()
        self.folder = whole

    def told(self, command, name):
        return self.document(
            command, "--local", *self.database, schema=f"pyfops.{command}/1", cwd=f"{self.folder}/{name}"
        )["deployments"]

    # ---- the Java program

    def read(self, lines, code=0):
        result = subprocess.run(
            [
                "java",
                "-XX:TieredStopAtLevel=1",  # it runs for a moment
                "-XX:+UseSerialGC",
                "-cp",
                f"{JAVA}/classes:{JAVA}/lib/*",
                "pyfops.afcl.AfclReader",
                f"jdbc:mariadb://127.0.0.1:{self.server.port}/afcl",
                USER,
            ],
            input="".join("\t".join(line) + "\n" for line in lines),
            env={**self.environment, "PATH": os.environ["PATH"], "AFCL_PASSWORD": PASSWORD},
            text=True,
            capture_output=True,
            timeout=120,
        )
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        if code != 0:
            self.assertEqual(result.stdout, "")
            return result.stderr
        return json.loads(result.stdout)

    def close_to(self, got, expected, what):
        if expected is None or got is None:
            self.assertEqual(got, expected, what)
        else:
            self.assertAlmostEqual(got, expected, delta=1e-9 * abs(expected), msg=what)

    # ---- the test

    def test_migrated_filled_and_read(self):
        self.load()
        before = self.old_values()
        self.assertEqual(sum(before["functiondeployment"].values()), 80)
        self.check("db", "migrate", *self.database, timeout=120)
        after = self.old_values()
        language = after.pop("language")
        self.assertEqual(after, {table: rows for table, rows in before.items() if table != "language"})
        self.assertEqual(before["language"] - language, collections.Counter())
        self.sql(
            "INSERT INTO service VALUES (1, 'FILE_DL', 1);"
            "INSERT INTO serviceDeployment VALUES (1, 1, 8, 12.5, 30.5);"
            "INSERT INTO networking VALUES (8, 11, 125.5, 20.5);"
        )
        self.insert("data_transfer", "datatransfer", 0)
        transfers = self.sql(
            "SELECT type, functionRegionID, bandwidth, latency FROM data_transfer WHERE storageRegionID = 11"
        )
        self.assertGreater(len(transfers), 5)

        self.addCleanup(self.wait_for_the_end)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(self.run_one, ("one", "two"), (1, 2)))
        for run in runs:
            self.assertEqual({row["verdict"].split(",")[0] for row in run["deployments"]}, {"2/2 passed"})
            self.assertEqual(len(run["deployments"]), 18)
            self.assertIsNone(run["record_failure"])
        for name in ("one", "two"):
            self.assertTrue(
                os.path.isdir(f"{self.folder}/{name}/.pyfops/local"), "each has a cloud of its own"
            )
        self.assertLess(
            self.sql("SELECT MAX(started) FROM pyfops_run"),
            self.sql("SELECT MIN(finished) FROM pyfops_run"),
            "the runs were at the same time",
        )

        self.old_rows_stand(before)
        self.names_are_unique()
        entries = self.java_agrees(runs, transfers)
        self.averages_are_those_of_the_calls(entries)
        self.where_the_engine_fails(entries)

    def old_rows_stand(self, before):
        after = self.old_values()
        for table, rows in before.items():
            self.assertEqual(rows - after[table], collections.Counter(), table)
        added = {table: sum((after[table] - rows).values()) for table, rows in before.items()}
        self.assertEqual(
            {table: number for table, number in added.items() if number},
            {
                "functiondeployment": 36,
                "functionimplementation": 20,
                "functiontype": 3,
                "language": 6,
                "region": len(NEW_REGIONS),
            },
        )

    def names_are_unique(self):
        for table, column in (
            ("region", "region"),
            ("language", "name"),
            ("functiontype", "type"),
            ("functiontype", "name"),
            ("functionimplementation", "name"),
            ("functiondeployment", "name"),
            ("functiondeployment", "KMS_Arn"),
        ):
            twice = self.sql(f"SELECT {column} FROM {table} GROUP BY {column} HAVING COUNT(*) > 1")
            self.assertEqual(twice, [], (table, column))
        self.assertEqual(dict(self.sql("SELECT region, providerID FROM region WHERE id > 50")), NEW_REGIONS)
        self.assertEqual(
            self.sql(
                "SELECT COUNT(*), COUNT(d.id), COUNT(l.fd_id) FROM pyfops_fd f LEFT JOIN functiondeployment d "
                "ON d.id = f.fd_id LEFT JOIN pyfops_link l ON l.fd_id = f.fd_id AND l.link = d.KMS_Arn"
            ),
            [["36", "36", "36"]],
        )

    def java_agrees(self, runs, transfers):
        """What the program reads by each link is what `list` and `report` say."""
        told = []
        for name in ("one", "two"):
            reported = {row["link"]: row for row in self.told("report", name)}
            listed = self.told("list", name)
            self.assertEqual({row["link"] for row in listed}, set(reported))
            self.assertEqual({row["project"] for row in listed}, {name})
            told += [(row, reported[row["link"]]) for row in listed]
        self.assertEqual(len(told), 36)
        lines = []
        for row, _ in told:
            region = row["region"]
            if row["provider"] == "alibaba" and region == "eu-central-1":
                region = "alibaba-eu-central-1"
            lines.append((PROVIDERS[row["provider"]][0], region, "python:" + row["link"]))
        document = self.read(lines)
        entries = document["deployments"]
        self.assertEqual(
            {name: row and row["id"] for name, row in document["providers"].items()},
            {"IBM": 2, "AWS": 1, "ALIBABA": 5, "GOOGLE": 3, "AZURE": None, "FAIL": None},
        )
        python = {row["deployment"]["link"]: row["python"] for run in runs for row in run["deployments"]}
        for entry, (listed, reported), (provider, region, _) in zip(entries, told, lines):
            deployment, what = entry["deployment"], entry["link"]
            self.assertEqual(entry["link"], listed["link"])
            self.assertEqual(deployment["KMS_Arn"], listed["link"])
            self.assertEqual(deployment["name"], reported["name"])
            self.assertEqual(deployment["memorySize"], listed["memory_mb"])
            self.assertEqual(deployment["timeout"], listed["timeout_s"])
            self.assertEqual(deployment["invocations"], 2)
            self.assertEqual(reported["invocations"], 2)
            self.assertEqual(deployment["avgLoopCounter"], 0)
            self.assertEqual((entry["isDeployed"], listed["state"]), (1, "deployed"))
            for column, member in (
                ("avgRTT", "avg_rtt_ms"),
                ("avgRuntime", "avg_runtime_ms"),
                ("avgCost", "avg_cost_usd"),
                ("successRate", "success_rate"),
                ("avgDeploymentTime", "deployment_ms"),
            ):
                self.close_to(deployment[column], reported[member], (what, column))
            self.assertGreater(deployment["avgDeploymentTime"], 0)

            implementation = entry["implementation"]
            self.assertEqual(implementation["provider"], PROVIDERS[listed["provider"]][1])
            self.assertEqual(implementation["packageSize"], listed["package_bytes"])
            self.assertEqual(entry["type"]["type"], listed["function"] + "Type")
            self.assertEqual(entry["language"]["name"], "Python " + python[what])
            self.assertEqual(deployment["regionID"], entry["regionId"])
            if provider == "AZURE":
                self.assertEqual((entry["provider"], entry["region"]), (None, None))
            else:
                self.assertEqual(entry["provider"]["id"], implementation["provider"])
                self.assertEqual(entry["region"]["provider"], provider)
                self.assertEqual(entry["region"]["region"], region)
                self.assertEqual(entry["region"]["id"], entry["regionId"])
            # Those of the function in the project, and those of them that have that size.
            of_implementation = [
                other["deployment"]
                for other in entries
                if other["deployment"]["functionImplementation_id"] == implementation["id"]
            ]
            self.assertEqual(sorted(entry["invoked"]), sorted(row["id"] for row in of_implementation))
            self.assertEqual(
                sorted(entry["ofMemory"]),
                sorted(
                    row["id"] for row in of_implementation if row["memorySize"] == deployment["memorySize"]
                ),
            )
            expected = {"AWS": (4, 2), "GOOGLE": (1, 1), "IBM": (1, 1), "ALIBABA": (2, 2), "AZURE": (1, 1)}
            self.assertEqual((len(entry["invoked"]), len(entry["ofMemory"])), expected[provider], what)
            if provider == "AWS":
                self.assertEqual([cpu and cpu["id"] for cpu in entry["cpus"]], [1, None, None, None])
            if provider == "GOOGLE":
                self.assertEqual([cpu and cpu["id"] for cpu in entry["cpus"]], [2, None, 3, None])
            in_frankfurt = entry["regionId"] == 8
            self.assertEqual(
                (entry["serviceDeployment"] or {}).get("velocity"), 12.5 if in_frankfurt else None
            )
            self.assertEqual((entry["networking"] or {}).get("latency"), 20.5 if in_frankfurt else None)
            for direction in ("download", "upload"):
                row = entry[direction]
                self.assertEqual(
                    [[direction, str(entry["regionId"]), row["bandwidth"], row["latency"]]] if row else [],
                    [
                        [kind, region_id, float(bandwidth), float(latency)]
                        for kind, region_id, bandwidth, latency in transfers
                        if (kind, region_id) == (direction, str(entry["regionId"]))
                    ],
                )
            self.assertEqual(entry["updated"], {"deployment": 1, "implementation": 1, "type": 1})
        self.assertTrue(any(entry["download"] for entry in entries))
        self.lines = lines
        return entries

    def averages_are_those_of_the_calls(self, entries):
        for key, counted in (
            ("deployment", "counted_fd"),
            ("implementation", "counted_fi"),
            ("type", "counted_ft"),
        ):
            calls = {
                int(row): values
                for row, *values in self.sql(
                    f"SELECT {counted}, COUNT(*), AVG(round_trip_ms), AVG(cost_usd), AVG(passed), AVG(duration_ms) "
                    f"FROM pyfops_test_result GROUP BY {counted}"
                )
            }
            rows = {entry[key]["id"]: entry[key] for entry in entries}
            self.assertEqual(set(calls), set(rows), key)
            for row_id, (number, *means) in calls.items():
                row = rows[row_id]
                self.assertEqual(row["invocations"], int(number), row)
                columns = (
                    "avgRTT",
                    "avgCost",
                    "successRate",
                    *(["avgRuntime"] if key == "deployment" else []),
                )
                for column, mean in zip(columns, means):
                    self.close_to(
                        row[column], None if mean == "NULL" else float(mean), (key, row["name"], column)
                    )
        # One type for both projects, an implementation for each.
        shared = [entry for entry in entries if entry["type"]["type"] == "totalType"]
        self.assertEqual(len({entry["type"]["id"] for entry in shared}), 1)
        self.assertEqual(len({entry["implementation"]["id"] for entry in shared}), 10)
        self.assertEqual(shared[0]["type"]["invocations"], 18 * 2)
        report = self.document(
            "report",
            "--afcl",
            "--local",
            *self.database,
            schema="pyfops.report-afcl/1",
            cwd=self.folder + "/one",
        )
        self.assertEqual(report["differences"], [])

    def where_the_engine_fails(self, entries):
        entry, line = next(
            (entry, line) for entry, line in zip(entries, self.lines) if line[:2] == ("AWS", "eu-central-1")
        )
        row = entry["deployment"]["id"]
        self.assertIn("no deployment has the link", self.read([(*line[:2], "nowhere")], code=1))
        columns = (
            "functionImplementation_id, regionID, description, handlerName, isDeployed, memorySize, timeout"
        )
        for change, back, says in (
            (
                f"INSERT INTO functiondeployment (name, KMS_Arn, {columns}) SELECT 'again', UPPER(KMS_Arn), {columns} "
                f"FROM functiondeployment WHERE id = {row}",
                "DELETE FROM functiondeployment WHERE name = 'again'",
                "multiple",
            ),
            (
                "INSERT INTO region (region, provider, providerID) VALUES ('eu-central-1', 'Alibaba', 5)",
                "DELETE FROM region WHERE region = 'eu-central-1' AND providerID = 5",
                "multiple",
            ),
            *(
                (
                    f"UPDATE functiondeployment SET {column} = NULL WHERE id = {row}",
                    f"UPDATE functiondeployment SET {column} = {value} WHERE id = {row}",
                    f"{column} is NULL",
                )
                for column, value in (
                    ("avgRTT", repr(entry["deployment"]["avgRTT"])),
                    ("avgLoopCounter", 0),
                    ("functionImplementation_id", entry["implementation"]["id"]),
                    ("regionID", 8),
                )
            ),
            (
                f"SET FOREIGN_KEY_CHECKS = 0; UPDATE functiondeployment SET functionImplementation_id = 77777 "
                f"WHERE id = {row}",
                f"UPDATE functiondeployment SET functionImplementation_id = {entry['implementation']['id']} "
                f"WHERE id = {row}",
                "no implementation",
            ),
            (
                "UPDATE region SET provider = 'Amazon' WHERE id = 8",
                "UPDATE region SET provider = 'AWS' WHERE id = 8",
                "no region of AWS",
            ),
        ):
            self.sql(change)
            error = self.read([line], code=1)
            self.assertIn(line[2] + ": ", error)
            self.assertIn(says, error.lower() if says == "multiple" else error)
            self.sql(back)
        self.assertEqual(len(self.read([line])["deployments"]), 1)
