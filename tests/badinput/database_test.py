# SPDX-License-Identifier: Apache-2.0
"""The database: not usable at the start, and gone in the middle. Exit code 4; what was made is recorded later."""

import contextlib
import os
import signal
import sqlite3
import time
import unittest

import mariadb_server
from harness import BadInput, until


class AtTheStart(BadInput):
    """Nothing is asked of the cloud when what it makes could not be recorded."""

    def refused(self, *says, **more):
        before = len(self.cloud.requests())
        for command in (("run",), ("deploy",), ("destroy", "--yes")):
            result = self.check(*command, code=4, says=("error: ", *says), **more)
            self.assertNotIn("hidden-word", result.stdout + result.stderr)
        self.assertEqual(len(self.cloud.requests()), before)

    def test_a_server_that_is_down(self):
        self.project(database="mariadb://p@127.0.0.1:1/afcl")
        self.refused("127.0.0.1:1", environment={"PYFOPS_DB_PASSWORD": "hidden-word"})

    def test_a_file_that_is_no_database(self):
        self.project(database="sqlite:other.db")
        path = self.write("other.db", b"this is no database, but it is long enough to be looked at" * 20)
        before = os.stat(path).st_mtime_ns
        self.refused("other.db")
        self.assertEqual(os.stat(path).st_mtime_ns, before)

    def test_a_folder_that_is_not_there(self):
        self.project(database="sqlite:/proc/nowhere/afcl.db")
        self.refused("/proc/nowhere")

    def test_a_database_that_is_newer_than_the_program(self):
        self.project()
        self.check("db", "migrate", code=0)
        with contextlib.closing(sqlite3.connect(self.folder + "/.pyfops/afcl.db")) as database:
            columns = [column[1] for column in database.execute("PRAGMA table_info(pyfops_schema_version)")]
            row = dict(
                zip(
                    columns,
                    database.execute("SELECT * FROM pyfops_schema_version ORDER BY version DESC").fetchone(),
                )
            )
            row["version"] += 100
            database.execute(
                f"INSERT INTO pyfops_schema_version ({','.join(row)}) VALUES ({','.join('?' * len(row))})",
                list(row.values()),
            )
            database.commit()
        self.refused("newer")


class SqliteInTheMiddle(BadInput):
    def test_it_becomes_unusable_and_is_back_for_the_next_run(self):
        """The file is moved away while the cloud makes the function: the journal keeps what happened."""
        self.project()
        self.check("db", "migrate", code=0)
        self.cloud.faults({"operation": "lambda:CreateFunction", "nth": 1, "action": "hold", "when": "after"})
        process = self.start("run")
        until(self.cloud.held, "the function is made")
        with contextlib.closing(sqlite3.connect(self.folder + "/.pyfops/afcl.db")) as database:
            database.execute("ALTER TABLE pyfops_link RENAME TO pyfops_link_away")
            database.commit()
        self.cloud.control("POST", "faults/release", {})
        result = self.finish(process)
        self.assertEqual(result.code, 4, result)
        self.assertIn("good aws/eu-central-1\nerror: ", result.stderr)
        self.assertIn(self.name + "-good", result.stdout)
        with contextlib.closing(sqlite3.connect(self.folder + "/.pyfops/afcl.db")) as database:
            database.execute("ALTER TABLE pyfops_link_away RENAME TO pyfops_link")
            database.commit()
        self.assert_converges(1)


@unittest.skipUnless(os.access(mariadb_server.PROGRAM, os.X_OK), "SKIPPED: no MariaDB server is installed")
class MariaDbInTheMiddle(BadInput):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = mariadb_server.MariaDbServer("p", "hidden-word")
        cls.addClassCleanup(cls.server.close)
        cls.server.query("CREATE DATABASE afcl CHARACTER SET latin1")

    def setUp(self):
        super().setUp()
        self.environment["PYFOPS_DB_PASSWORD"] = "hidden-word"
        self.url = f"mariadb://p@127.0.0.1:{self.server.port}/afcl"

    def rows(self, query):
        return self.server.query(query, "afcl")

    def killed_at(self, operation, when):
        self.cloud.faults({"operation": operation, "nth": 1, "action": "hold", "when": when})
        process = self.start("run")
        until(lambda: self.cloud.held() or process.poll() is not None, "the request is held")
        self.server.kill()
        self.cloud.control("POST", "faults/release", {})
        result = self.finish(process)
        self.assertEqual(result.code, 4, result)
        self.assertNotIn("hidden-word", result.stdout + result.stderr)
        self.assertIn("FUNCTION", result.stdout, "the report is shown all the same")
        self.assertIn("127.0.0.1", result.stderr)
        self.server.start()
        self.cloud.faults()
        self.check("run", code=0)
        like = f"LIKE '%{self.name}-good'"
        self.assertEqual(
            self.rows(f"SELECT COUNT(*), MAX(isDeployed+0) FROM functiondeployment WHERE KMS_Arn {like}"),
            [["1", "1"]],
        )
        self.assertEqual(
            self.rows(f"SELECT state FROM pyfops_fd WHERE cloud_name = '{self.name}-good'"), [["deployed"]]
        )
        self.assertEqual(len(self.cloud.functions(self.name)), 1)
        with open(self.folder + "/.pyfops/journal", encoding="utf-8") as journal:
            self.assertEqual(journal.read(), "", "what was replayed is settled")
        return result

    def test_while_the_function_is_made(self):
        self.project(database=self.url)
        result = self.killed_at("lambda:CreateFunction", "after")
        self.assertIn(f":function:{self.name}-good", result.stdout)

    def test_while_it_is_tested(self):
        self.project(database=self.url)
        self.killed_at("lambda:Invoke", "before")

    def test_while_a_hanging_server_does_not_answer(self):
        """Stopped, not dead: the connection stands, and nobody answers; it comes back by itself."""
        self.project(database=self.url)
        self.cloud.faults({"operation": "lambda:CreateFunction", "nth": 1, "action": "hold", "when": "after"})
        process = self.start("run")
        until(self.cloud.held, "the function is made")
        self.server.process.send_signal(signal.SIGSTOP)
        self.cloud.control("POST", "faults/release", {})
        time.sleep(1)  # as long as it hangs
        self.server.process.send_signal(signal.SIGCONT)
        result = self.finish(process)
        self.assertEqual(result.code, 0, result)


if __name__ == "__main__":
    unittest.main()
