# SPDX-License-Identifier: Apache-2.0
"""A private MariaDB server on loopback, which ends with the process that started it."""

import contextlib
import functools
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time

PROGRAM = "/usr/sbin/mariadbd"
run_to_the_end = functools.partial(subprocess.run, check=True, timeout=120)


class MariaDbServer:
    def __init__(self, user, password):
        self.folder = tempfile.mkdtemp(prefix="pyfops-mariadb-")
        os.chmod(self.folder, 0o755)
        self.process = None
        # The signal is set after the change of user, which would clear it.
        self.prefix = ["/usr/bin/setpriv", "--pdeathsig", "KILL"]
        if os.getuid() == 0:  # it refuses to run as root
            entries = {entry.pw_name: entry for entry in pwd.getpwall()}
            entry = entries.get("mysql") or entries["nobody"]
            os.chown(self.folder, entry.pw_uid, entry.pw_gid)
            self.prefix += [f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]
        with contextlib.closing(socket.create_server(("127.0.0.1", 0))) as free:
            self.port = free.getsockname()[1]
        try:
            self.run(
                "/usr/bin/mariadb-install-db", "--auth-root-authentication-method=normal", "--skip-test-db"
            )
            self.start()
            self.query(
                f"CREATE USER {user}@'127.0.0.1' IDENTIFIED BY '{password}'; "
                f"GRANT ALL ON afcl.* TO {user}@'127.0.0.1'"
            )
        except BaseException:
            self.close()
            raise

    def run(self, program, *words, start=run_to_the_end):
        """With the folder's log as its output."""
        shared = [
            "--no-defaults",
            f"--datadir={self.folder}/data",
            "--skip-name-resolve",
            "--innodb-log-file-size=8M",
        ]
        with open(self.folder + "/log", "ab") as log:
            return start(
                [*self.prefix, program, *shared, *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
            )

    def start(self):
        self.process = self.run(
            PROGRAM,
            f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid",
            # Two servers would clear each other's files away from one /tmp.
            f"--tmpdir={self.folder}/data",
            "--bind-address=127.0.0.1",
            f"--port={self.port}",
            "--innodb-buffer-pool-size=32M",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-flush-method=nosync",
            "--debug-no-sync",
            "--skip-log-bin",
            start=subprocess.Popen,
        )
        end = time.monotonic() + 60
        while self.client("SELECT 1").returncode != 0:
            if self.process.poll() is not None or time.monotonic() > end:
                with open(self.folder + "/log", encoding="utf-8", errors="replace") as log:
                    raise AssertionError("mariadbd does not answer:\n" + log.read())
            time.sleep(0.02)

    def client(self, sql, *words):
        return subprocess.run(
            [
                "/usr/bin/mariadb",
                "--no-defaults",
                "--default-character-set=utf8mb4",
                "--skip-column-names",
                "--batch",
                "--user=root",
                f"--socket={self.folder}/socket",
                *words,
            ],
            input=sql,
            text=True,
            capture_output=True,
            timeout=60,
        )

    def query(self, sql, *words):
        """The rows as lists of text; NULL is the word."""
        result = self.client(sql, *words)
        if result.returncode != 0:
            raise AssertionError(result.stderr)
        return [line.split("\t") for line in result.stdout.splitlines()]

    def kill(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=60)

    def close(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)
