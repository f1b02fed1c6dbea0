# SPDX-License-Identifier: Apache-2.0
"""What a network and a cloud do wrong: down, throttled, failing, cut off."""

import http.server
import os
import threading
import time
import unittest

from harness import BadInput

CREATE = "lambda:CreateFunction"


class Network(BadInput):
    def fault(self, operation=CREATE, **more):
        self.cloud.faults({"operation": operation, **more})

    def seen(self, operation=CREATE, after=0):
        return [one for one in self.cloud.requests() if one["operation"] == operation and one["n"] > after]

    def failed_for_good(self, *says, **more):
        """The run gives up with that; nothing but the project's role is there, and the next run converges."""
        self.project()
        self.check("run", code=1, says=("good aws/eu-central-1\nerror: ", "  hint: ", *says), **more)
        self.assertEqual(self.cloud.functions(self.name), [])
        self.assert_rows(deployed=0, total=1)
        self.assert_converges(1)

    def test_the_network_is_down(self):
        self.project()
        down = {
            name: "http://127.0.0.1:1" for name in self.environment if name.startswith("AWS_ENDPOINT_URL")
        }
        self.check(
            "run",
            code=1,
            environment=down,
            says=("cannot connect to 127.0.0.1:1: connection refused", "check that something listens there"),
        )
        self.assert_nothing_in_the_cloud()
        self.assert_rows(deployed=0, total=1)
        self.assert_converges(1)

    def test_a_name_that_does_not_resolve(self):
        self.project()
        nowhere = {
            name: "http://nowhere.invalid:1"
            for name in self.environment
            if name.startswith("AWS_ENDPOINT_URL")
        }
        self.check(
            "run", "--timeout", "20s", code=1, environment=nowhere, says=("nowhere.invalid", "  hint: ")
        )
        self.assert_rows(deployed=0, total=1)

    def test_a_redirect_is_not_followed(self):
        """A proxy's sign-in page, or an endpoint of another scheme: no credentials go where it leads."""

        class Elsewhere(http.server.BaseHTTPRequestHandler):
            def answer(self):
                asked.append(self.path)
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(307)
                self.send_header("Location", f"http://localhost:{port}/followed")
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        asked = []
        server = http.server.HTTPServer(("127.0.0.1", 0), Elsewhere)
        port = server.server_port
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        elsewhere = {
            name: f"http://127.0.0.1:{port}"
            for name in self.environment
            if name.startswith("AWS_ENDPOINT_URL")
        }
        self.project()
        self.check(
            "run",
            code=1,
            environment=elsewhere,
            says=(
                f"127.0.0.1:{port} answered with a redirect to http://localhost:{port}, which is not followed",
                "check the provider's endpoint setting",
            ),
        )
        self.assertTrue(asked)
        self.assertNotIn("/followed", asked)
        self.assert_nothing_in_the_cloud()

    def test_429_is_waited_for(self):
        self.project()
        self.fault(action="status", status=429, times=2)
        self.check("run", code=0)
        self.assert_rows(1, 1)

    def test_429_says_how_long(self):
        self.project()
        self.fault(action="status", status=429, times=1, retry_after=1)
        start = time.monotonic()
        self.check("run", code=0)
        self.assertGreaterEqual(time.monotonic() - start, 1)
        self.assert_rows(1, 1)

    def test_429_for_good(self):
        self.fault("sts:GetCallerIdentity", action="status", status=429)
        self.project()
        self.check(
            "run",
            code=1,
            says=(
                "sts:GetCallerIdentity (after 5 attempts): AWS is asked too often",
                "run fewer deployments at a time (-j)",
            ),
        )
        self.assert_nothing_in_the_cloud()
        self.assert_converges(1)

    def test_429_that_asks_for_more_time_than_there_is(self):
        self.fault(action="status", status=429, retry_after=3600)
        self.project()
        start = time.monotonic()
        self.check("run", "--timeout", "30s", code=1, says=("AWS is asked too often", "3600"))
        self.assertLess(time.monotonic() - start, 25)
        self.assertEqual(self.cloud.functions(self.name), [])
        self.assert_converges(1)

    def test_500_once(self):
        self.project()
        self.fault(action="status", status=500, times=1)
        self.check("run", code=0)
        self.assert_rows(1, 1)

    def test_500_for_good(self):
        self.fault(action="status", status=500)
        self.failed_for_good(f"{CREATE} (after 5 attempts)", "failed on AWS's side", "run the command again")

    def test_cut_off_in_the_middle_of_an_upload(self):
        self.write("good/data.bin", os.urandom(4_000_000))  # no single segment carries it
        self.project()
        last = self.cloud.requests()[-1]["n"] if self.cloud.requests() else 0
        self.fault(action="drop", when="during", times=2)
        self.check("run", code=0)
        self.assertEqual(len(self.cloud.functions(self.name)), 1)
        self.assertGreaterEqual(len(self.seen(after=last)), 1)
        self.assert_rows(1, 1)

    def test_cut_off_in_every_upload(self):
        self.write("good/data.bin", os.urandom(4_000_000))
        self.fault(action="drop", when="during")
        self.failed_for_good(
            f"{CREATE} (after 5 attempts)",
            "closed the connection while the request was sent to it",
            "look for a size limit or a proxy on the way",
        )

    def test_the_answer_is_lost(self):
        """The cloud acted, and its answer did not arrive: the same function is taken up, not made twice."""
        self.project(regions=("eu-central-1", "us-east-1"))
        self.cloud.faults(
            *(
                {"operation": operation, "action": "drop", "when": "after", "times": 1}
                for operation in ("iam:CreateRole", "iam:AttachRolePolicy", CREATE)
            )
        )
        self.check("run", code=0)
        self.assert_converges(2)


if __name__ == "__main__":
    unittest.main()
