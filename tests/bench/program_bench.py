# SPDX-License-Identifier: Apache-2.0
"""What the program and the local cloud add to the least that there could be: an empty process, a bare handler.

program_bench.py FOLDER_OF_THE_PROGRAMS     (with botocore, for the signatures)
"""

import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "clients"))

ROUNDS = 40
EVENTS = 400
CODE = "def handler(event, context):\n    return {'n': event['n'] + 1}\n"
BARE = (
    CODE
    + """
import json, sys
for line in sys.stdin:
    sys.stdout.write(json.dumps(handler(json.loads(line), None)) + "\\n")
    sys.stdout.flush()
"""
)


def milliseconds(work):
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def show(what, times, base=None, over="", goal=""):
    middle = statistics.median(times)
    text = f"{what:<52} {middle:8.2f} ms"
    if base is not None:
        text += f"   {middle / base:6.2f} x {over} ({middle - base:+.2f} ms{goal})"
    print(text, flush=True)
    return middle


def startup(bin_folder):
    def run(*words):
        return lambda: subprocess.run(words, stdout=subprocess.DEVNULL, check=True)

    commands = {
        "an empty process (/bin/true)": run("/bin/true"),
        "pyfops --version": run(bin_folder / "pyfops", "--version"),
        "pyfops --help": run(bin_folder / "pyfops", "--help"),
        "python3 -I -c pass": run("/usr/bin/python3", "-I", "-c", "pass"),
    }
    times = {name: [] for name in commands}
    for _ in range(ROUNDS):  # in turns: what disturbs the machine disturbs all of them
        for name, command in commands.items():
            times[name].append(milliseconds(command))
    base = None
    for name, measured in times.items():
        goal = "; goal +20 ms" if name.startswith("pyfops") else ""
        middle = show(name, measured, base, "an empty process", goal)
        base = middle if base is None else base


def bare_handler():
    process = subprocess.Popen(
        ["/usr/bin/python3", "-I", "-c", BARE], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )

    def call(n):
        process.stdin.write(json.dumps({"n": n}).encode() + b"\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline()) == {"n": n + 1}

    return process, call


def signed_invocations(cloud, count):
    """Requests of lambda:Invoke, signed beforehand: the client's own work is not the cloud's."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials

    known = cloud.environment
    keys = Credentials(
        known["AWS_ACCESS_KEY_ID"], known["AWS_SECRET_ACCESS_KEY"], known.get("AWS_SESSION_TOKEN")
    )
    path = "/2015-03-31/functions/bench/invocations"
    for n in range(count):
        request = AWSRequest("POST", cloud.url + path, data=json.dumps({"n": n}))
        SigV4Auth(keys, "lambda", "eu-central-1").add_auth(request)
        yield path, request.body, dict(request.headers)


def warm_invoke():
    from conftest import Cloud

    with tempfile.TemporaryDirectory(prefix="pyfops-bench-") as folder:
        cloud = Cloud(pathlib.Path(folder) / "state", log_level="warning")
        try:
            cloud.function("bench", CODE)
            connection = http.client.HTTPConnection(urllib.parse.urlsplit(cloud.url).netloc)
            requests = list(signed_invocations(cloud, EVENTS))

            def invoke(n):
                path, body, headers = requests[n]
                connection.request("POST", path, body, headers)
                answer = connection.getresponse()
                assert json.loads(answer.read()) == {"n": n + 1}, answer.status

            process, call = bare_handler()
            invoke(0)
            call(0)
            bare, local = [], []
            for n in range(1, EVENTS):
                bare.append(milliseconds(lambda n=n: call(n)))
                local.append(milliseconds(lambda n=n: invoke(n)))
            process.stdin.close()
            process.wait()
        finally:
            cloud.stop()
    base = show("a handler in a bare Python process, over a pipe", bare)
    show("lambda:Invoke of it, warm, through the local cloud", local, base, "bare", "; goal +1.5 ms")
    show("the same, 95th percentile", [statistics.quantiles(local, n=20)[18]], base, "bare")


def main():
    startup(pathlib.Path(sys.argv[1]))
    warm_invoke()


main()
