# SPDX-License-Identifier: Apache-2.0
import unittest

from package import Package, call_one


def returning(expression, before=""):
    return call_one("%s\ndef handler(event, context):\n    return %s\n" % (before, expression))


class Answers(unittest.TestCase):
    """What a handler returns is what the caller gets, or an error that says why not."""

    def refused(self, expression, part, before=""):
        answer = returning(expression, before)
        self.assertEqual(answer.get("type"), "Runtime.MarshalError", answer)
        self.assertIn(part, answer["message"])

    def test_json_goes_through_untouched(self):
        for expression, expected in [
            ("{'a': 1}", {"a": 1}),
            ("None", None),
            ("[1, 2.5, 'x', True]", [1, 2.5, "x", True]),
            ("(1, 2)", [1, 2]),
            ("'text'", "text"),
            ("'12'", "12"),
            ("12", 12),
            ("0", 0),
            ("''", ""),
            ("{}", {}),
            ("{'statusCode': 418}", {"statusCode": 418}),
            ("{1: 'a'}", {"1": "a"}),
            ("{'k': '\\u00fc\\U0001f600'}", {"k": "\u00fc\U0001f600"}),
        ]:
            with self.subTest(expression):
                self.assertEqual(returning(expression), {"ok": expected})

    def test_what_json_cannot_say_is_named(self):
        self.refused("b'x'", "is bytes")
        self.refused("bytearray(b'x')", "is bytes")
        self.refused("float('nan')", "nan")
        self.refused("{'a': [1, float('inf')]}", "answer['a'][1] is inf")
        self.refused("{1, 2}", "is a set")
        self.refused("(x for x in [1])", "is a generator")
        self.refused(
            "{'when': datetime.date(2026, 1, 1)}", "answer['when'] is of type date", "import datetime"
        )
        self.refused("{(1, 2): 3}", "has a key of type tuple")
        self.refused("'\\ud800'", "not valid Unicode")
        self.refused("object()", "is of type object")
        self.refused("loop", "contains itself", "loop = []\nloop.append(loop)")

    def test_deep_nesting_does_not_end_the_runtime(self):
        source = (
            "def handler(event):\n    x = []\n    for _ in range(100000):\n        x = [x]\n    return x\n"
        )
        with Package({"main.py": source}) as package:
            answers = package.call({}, {})
        self.assertEqual(answers[0]["type"], "Runtime.MarshalError")
        self.assertEqual(len(answers), 2)

    def test_generator_functions_and_async_generators(self):
        self.assertEqual(call_one("def handler(event):\n    yield 1\n")["type"], "Runtime.MarshalError")
        self.assertEqual(call_one("async def handler(event):\n    yield 1\n")["type"], "Runtime.MarshalError")

    def test_printing_does_not_reach_the_answer(self):
        with Package({"main.py": "def handler(event):\n    print('hello')\n    return 1\n"}) as package:
            self.assertEqual(package.call({}), [{"ok": 1}])
            self.assertIn("hello", package.log)


class Failures(unittest.TestCase):
    def test_an_exception_keeps_its_type_and_message(self):
        answer = call_one("def handler(event):\n    raise ValueError('too small')\n")
        self.assertEqual(answer, {"type": "ValueError", "message": "too small"})

    def test_an_exception_without_a_message(self):
        self.assertEqual(
            call_one("def handler(event):\n    raise KeyError\n"), {"type": "KeyError", "message": ""}
        )

    def test_an_exception_that_cannot_be_printed(self):
        source = (
            "class Odd(Exception):\n    def __str__(self):\n        raise RuntimeError('no')\n"
            "def handler(event):\n    raise Odd()\n"
        )
        answer = call_one(source)
        self.assertEqual(answer["type"], "Odd")
        self.assertIn("cannot be printed", answer["message"])

    def test_sys_exit_is_an_error_and_the_instance_lives_on(self):
        source = "import sys\ndef handler(event):\n    if event.get('exit'):\n        sys.exit(3)\n    return 'alive'\n"
        with Package({"main.py": source}) as package:
            answers = package.call({"exit": True}, {})
        self.assertEqual(
            answers[0], {"type": "Runtime.ExitError", "message": "The handler called sys.exit(3)"}
        )
        self.assertEqual(answers[1], {"ok": "alive"})

    def test_keyboard_interrupt_is_an_error(self):
        self.assertEqual(
            call_one("def handler(event):\n    raise KeyboardInterrupt\n")["type"], "KeyboardInterrupt"
        )

    def test_recursion_without_end(self):
        self.assertEqual(
            call_one("def handler(event):\n    return handler(event)\n")["type"], "RecursionError"
        )

    def test_a_forked_child_does_not_become_a_second_runtime(self):
        source = (
            "import os\ndef handler(event):\n    pid = os.fork()\n"
            "    if pid:\n        os.waitpid(pid, 0)\n    return 'parent' if pid else 'child'\n"
        )
        with Package({"main.py": source}) as package:
            self.assertEqual(package.call({}, {}), [{"ok": "parent"}, {"ok": "parent"}])

    def test_a_forked_child_that_raises(self):
        source = (
            "import os\ndef handler(event):\n    pid = os.fork()\n"
            "    if pid:\n        return os.waitpid(pid, 0)[1] >> 8\n    raise ValueError('in the child')\n"
        )
        with Package({"main.py": source}) as package:
            self.assertEqual(package.call({}), [{"ok": 1}])
            self.assertIn("in the child", package.log)


class Loading(unittest.TestCase):
    def failed(self, files, kind, part, handler="main:handler"):
        with Package(files, handler=handler) as package:
            answers = package.call({}, {})
        for answer in answers:
            self.assertEqual(answer.get("type"), kind, answer)
            self.assertIn(part, answer["message"])
        self.assertEqual(len(answers), 2)

    def test_what_cannot_be_loaded(self):
        module = "Runtime.ImportModuleError"
        handler = "Runtime.HandlerNotFound"
        self.failed({}, module, "No module named 'main'")
        self.failed({"main.py": "import nowhere\n"}, module, "No module named 'nowhere'")
        self.failed({"main.py": "raise RuntimeError('no luck')\n"}, module, "no luck")
        self.failed({"main.py": "import sys\nsys.exit(2)\n"}, module, "sys.exit(2)")
        self.failed({"main.py": "def handler(\n"}, "Runtime.UserCodeSyntaxError", "main")
        self.failed({"main.py": "other = 1\n"}, handler, "missing")
        self.failed({"main.py": "handler = 1\n"}, handler, "not callable")
        self.failed({"main.py": "class handler:\n    pass\n"}, handler, "is a class")
        self.failed({"main.py": "def handler():\n    pass\n"}, handler, "(event, context)")
        self.failed({"main.py": "def handler(a, b, c):\n    pass\n"}, handler, "(event, context)")

    def test_an_import_that_fails_once_is_tried_again(self):
        source = (
            "import os\nif not os.path.exists('/proc/self/fd/0') or not os.environ.setdefault('TRIED', ''):\n"
            "    os.environ['TRIED'] = 'yes'\n    raise RuntimeError('first')\n"
            "def handler(event):\n    return 'later'\n"
        )
        with Package({"main.py": source}) as package:
            answers = package.call({}, {})
        self.assertEqual(answers[0]["type"], "Runtime.ImportModuleError")
        self.assertEqual(answers[1], {"ok": "later"})


if __name__ == "__main__":
    unittest.main()
