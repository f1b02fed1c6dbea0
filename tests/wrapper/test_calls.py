# SPDX-License-Identifier: Apache-2.0
import json
import unittest

from package import Package, call_one, probe

KEY = "a-probe-key-of-enough-length"


class Handlers(unittest.TestCase):
    """The forms of a handler."""

    def test_forms(self):
        for source in [
            "def handler(event): return event['x']",
            "def handler(event, context): return event['x']",
            "def handler(event, context=None): return event['x'] if context else 'no context'",
            "def handler(*all): return all[0]['x'] if len(all) == 2 else 'no context'",
            "async def handler(event): return event['x']",
            "async def handler(event, context):\n    import asyncio\n    await asyncio.sleep(0)\n    return event['x']",
            "handler = lambda event: event['x']",
            "import functools\ndef work(extra, event): return event['x']\nhandler = functools.partial(work, 1)",
            "class Call:\n    def __call__(self, event, context): return event['x']\nhandler = Call()",
            "class Call:\n    def work(self, event): return event['x']\nhandler = Call().work",
        ]:
            with self.subTest(source):
                self.assertEqual(call_one(source + "\n", {"x": 7}), {"ok": 7})

    def test_decorated(self):
        source = (
            "import functools\ndef twice(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a) * 2\n"
            "    return inner\n@twice\ndef handler(event):\n    return event\n"
        )
        self.assertEqual(call_one(source, 4), {"ok": 8})

    def test_any_event(self):
        for event in [None, 1, "text", [1], {"__pyfops__": 1}, {"__pyfops__": {"v": 1}}, {"a": {"b": None}}]:
            with (
                self.subTest(event),
                Package({"main.py": "def handler(event):\n    return event\n"}) as package,
            ):
                self.assertEqual(package.call(event), [{"ok": event}])

    def test_async_handlers_share_one_loop(self):
        source = (
            "import asyncio\nloops = []\nasync def handler(event):\n"
            "    loops.append(asyncio.get_running_loop())\n    return len({id(x) for x in loops})\n"
        )
        with Package({"main.py": source}) as package:
            self.assertEqual(package.call({}, {}, {}), [{"ok": 1}] * 3)

    def test_packages_relative_imports_and_data_files(self):
        files = {
            "shapes/__init__.py": "",
            "shapes/area.py": "from .units import factor\nimport pathlib\n"
            "DATA = pathlib.Path(__file__).with_name('table.txt')\n"
            "def handler(event):\n    return event['w'] * factor + int(DATA.read_text())\n",
            "shapes/units.py": "factor = 10\n",
            "shapes/table.txt": "5",
        }
        with Package(files, handler="shapes.area:handler") as package:
            self.assertEqual(package.call({"w": 2}), [{"ok": 25}])

    def test_a_handler_inside_an_object(self):
        source = "class Api:\n    @staticmethod\n    def run(event):\n        return 'ran'\n"
        self.assertEqual(call_one(source, handler="main:Api.run"), {"ok": "ran"})


class Contexts(unittest.TestCase):
    def test_members(self):
        source = (
            "import time\ndef handler(event, context):\n"
            "    left = context.remaining_ms()\n"
            "    context.log.info('a line')\n"
            "    return [context.provider, context.region, context.function_name, context.memory_mb,\n"
            "            context.request_id, 0 < left <= 30000, context.deadline > time.time(),\n"
            "            context.cold_start, context.native.aws_request_id]\n"
        )
        with Package({"main.py": source}) as package:
            first, second = package.call({}, {})
            self.assertIn("a line", package.log)
        common = ["aws", "eu-central-1", "project-function", 256, "request-1", True, True]
        self.assertEqual(first, {"ok": common + [True, "request-1"]})
        self.assertEqual(second, {"ok": common + [False, "request-1"]})


class Probes(unittest.TestCase):
    """Decision: {"__pyfops__": {"v": 1, "key": ..., "event": ...}} with the deployment's key, and nothing else."""

    source = (
        "import os\ndef handler(event):\n"
        "    if event == 'fail':\n        raise ValueError('bad')\n"
        "    if event == 'bytes':\n        return b'x'\n"
        "    if event == 'key':\n        return os.environ.get('PYFOPS_PROBE_KEY')\n"
        "    return event\n"
    )

    def call(self, *events, key=KEY):
        with Package(
            {"main.py": self.source}, environment={"PYFOPS_PROBE_KEY": key} if key else {}
        ) as package:
            return [answer.get("ok", answer) for answer in package.call(*events)]

    def test_measures(self):
        first, second = (a["__pyfops__"] for a in self.call(probe(KEY, {"x": 1}), probe(KEY, None)))
        self.assertEqual(first["v"], 1)
        self.assertEqual(first["result"], {"x": 1})
        self.assertNotIn("error", first)
        self.assertIsNone(second["result"])
        self.assertGreater(first["peak_rss_kb"], 3000)
        self.assertLess(first["peak_rss_kb"], 100000)
        self.assertGreaterEqual(first["duration_ms"], 0)
        self.assertGreaterEqual(first["cpu_ms"], 0)
        self.assertIs(first["cold_start"], True)
        self.assertIs(second["cold_start"], False)
        self.assertEqual(first["instance"], second["instance"])
        self.assertRegex(first["python"], r"^3\.\d+\.\d+$")

    def test_errors_come_back_in_the_answer(self):
        failed, marshal = (a["__pyfops__"] for a in self.call(probe(KEY, "fail"), probe(KEY, "bytes")))
        self.assertEqual(failed["error"]["type"], "ValueError")
        self.assertEqual(failed["error"]["message"], "bad")
        self.assertEqual(len(failed["error"]["stack"]), 1)
        self.assertIn("main.py", failed["error"]["stack"][0])
        self.assertNotIn("result", failed)
        self.assertEqual(marshal["error"]["type"], "Runtime.MarshalError")

    def test_strangers_reach_the_handler(self):
        for event in [
            probe("wrong", 1),
            probe("", 1),
            probe(KEY, 1, version=2),
            {"__pyfops__": {"v": 1, "key": KEY}},
            {"__pyfops__": {"v": 1, "key": KEY, "event": 1, "more": 1}},
            {"__pyfops__": {"v": 1, "key": [KEY], "event": 1}},
            dict(probe(KEY, 1), more=1),
        ]:
            with self.subTest(event):
                self.assertEqual(self.call(event), [event])

    def test_without_a_key_nothing_is_a_probe(self):
        for key in ["", None]:
            self.assertEqual(self.call(probe("", 1), key=key), [probe("", 1)])

    def test_the_handler_does_not_see_the_key(self):
        self.assertEqual(self.call("key"), [None])

    def test_memory_of_the_call_and_of_its_children(self):
        source = (
            "import os, subprocess, sys\n"
            "def handler(event):\n"
            "    if event == 'large':\n        x = bytearray(60 << 20)\n        return len(x)\n"
            "    if event == 'child':\n"
            "        subprocess.run([sys.executable, '-c',\n"
            "            'import time; x = bytearray(80 << 20); time.sleep(0.2)'])\n"
            "    return None\n"
        )
        with Package({"main.py": source}, environment={"PYFOPS_PROBE_KEY": KEY}) as package:
            answers = package.call(probe(KEY, "large"), probe(KEY, "small"), probe(KEY, "child"))
        large, small, child = (a["ok"]["__pyfops__"] for a in answers)
        self.assertGreater(large["peak_rss_kb"], 60 << 10)
        if small["peak_reset"]:
            self.assertLess(small["peak_rss_kb"], 50 << 10)
        self.assertGreater(child["peak_rss_kb"], 80 << 10)
        self.assertGreater(child["peak_children_kb"], 80 << 10)


class FunctionUrls(unittest.TestCase):
    source = (
        "def handler(event):\n    if event == 'fail':\n        raise ValueError('bad')\n    return event\n"
    )

    def call(self, event, url="1"):
        with Package({"main.py": self.source}, environment={"PYFOPS_URL": url}) as package:
            return package.call(event)[0]["ok"]

    def event(self, **members):
        base = {"version": "2.0", "routeKey": "$default", "requestContext": {"http": {"method": "POST"}}}
        base.update(members)
        return base

    def test_body_in_and_bare_json_out(self):
        answer = self.call(self.event(body='{"statusCode": 1}'))
        self.assertEqual(answer["statusCode"], 200)
        self.assertEqual(json.loads(answer["body"]), {"statusCode": 1})
        self.assertEqual(json.loads(self.call(self.event(body="Mg==", isBase64Encoded=True))["body"]), 2)
        self.assertEqual(
            json.loads(self.call(self.event(queryStringParameters={"a": "1"}))["body"]), {"a": "1"}
        )
        self.assertEqual(json.loads(self.call(self.event())["body"]), {})

    def test_failures(self):
        answer = self.call(self.event(body='"fail"'))
        self.assertEqual(answer["statusCode"], 500)
        self.assertEqual(answer["headers"]["x-pyfops-error"], "function")
        self.assertEqual(json.loads(answer["body"])["error"], "ValueError: bad")
        self.assertEqual(self.call(self.event(body="{broken"))["statusCode"], 400)

    def test_without_a_url_such_an_event_is_the_handlers(self):
        self.assertEqual(self.call(self.event(body="1"), url=""), self.event(body="1"))


if __name__ == "__main__":
    unittest.main()
