# SPDX-License-Identifier: Apache-2.0
"""The verdicts as JUnit XML, read by a parser that is not ours."""

import os
import xml.etree.ElementTree

from harness import ProgramTest

PROJECT = """\
project: demo
functions:
  - name: hello
    source: hello
    handler: hello:handler
    memory: 256
    tests:
      - {name: echo, input: {a: 1}, expect: {a: 1}, repeat: 2, warm_up: 1}
      - {name: "wrong <&>", input: {a: "\\u0001\\u001b<b>"}, expect: {a: 2}}
      - {name: raises, input: {fail: 1}, expect: {a: 3}}
      - {name: folder, inputs: inputs}
deployments:
  - {provider: aws, regions: [eu-central-1]}
"""
HANDLER = """\
def handler(event):
    if event.get("fail"):
        raise ValueError("as <you> wish")
    return event
"""
# The attributes and children that the schema of Jenkins knows (junit-10.xsd), the required ones in capitals.
SHAPE = {
    "testsuites": ({"name", "time", "tests", "failures", "errors"}, {"testsuite"}),
    "testsuite": (
        {"NAME", "TESTS", "failures", "errors", "time", "skipped"},
        {"properties", "testcase"},
    ),
    "properties": (set(), {"property"}),
    "property": ({"NAME", "VALUE"}, set()),
    "testcase": ({"NAME", "CLASSNAME", "time"}, {"failure", "error", "skipped"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "skipped": ({"message"}, set()),
}


class JUnit(ProgramTest):
    def setUp(self):
        super().setUp()
        self.write("pyfops.yaml", PROJECT)
        self.write("hello/hello.py", HANDLER)
        self.write("inputs/one.json", '{"n": 1}')
        self.write("inputs/two.json", '{"n": 2}')
        self.write("inputs/two.expect.json", '{"n": 3}')
        self.addCleanup(self.wait_for_the_end)

    def check_shape(self, element):
        attributes, children = SHAPE[element.tag]
        self.assertLessEqual(set(element.attrib), {name.lower() for name in attributes}, element.tag)
        self.assertLessEqual({name.lower() for name in attributes if name.isupper()}, set(element.attrib))
        for child in element:
            self.assertIn(child.tag, children)
            self.check_shape(child)

    def read(self, file):
        root = xml.etree.ElementTree.parse(os.path.join(self.folder, file)).getroot()
        self.assertEqual(root.tag, "testsuites")
        self.check_shape(root)
        for suite in root:
            cases = suite.findall("testcase")
            self.assertEqual(int(suite.get("tests")), len(cases))
            for kind, name in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
                self.assertEqual(int(suite.get(kind)), sum(case.find(name) is not None for case in cases))
            names = [(case.get("classname"), case.get("name")) for case in cases]
            self.assertEqual(len(set(names)), len(names), names)
        return root

    def test_verdicts_of_run_and_test(self):
        self.check("run", "--local", "--junit", "out/junit.xml", code=1)
        suite = self.read("out/junit.xml").find("testsuite")
        self.assertEqual(suite.get("name"), "hello aws/eu-central-1 [256]")
        properties = {entry.get("name"): entry.get("value") for entry in suite.iter("property")}
        self.assertEqual(properties["memory_mb"], "256")
        self.assertTrue(properties["link"].startswith("arn:aws:lambda:"), properties)
        failures = {case.get("name"): case.find("failure") for case in suite.findall("testcase")}
        self.assertEqual(
            list(failures), ["echo [1]", "echo [2]", "wrong <&>", "raises", "folder/one", "folder/two"]
        )
        for name in ("echo [1]", "echo [2]", "folder/one"):
            self.assertIsNone(failures[name], name)
        self.assertEqual(failures["folder/two"].get("message"), "at /n: expected 3, got 2")
        self.assertIn('answer: {"n":2}', failures["folder/two"].text)
        self.assertEqual(failures["raises"].get("type"), "ValueError")
        self.assertIn("as <you> wish", failures["raises"].get("message"))
        self.assertIn("expected 2", failures["wrong <&>"].get("message"))
        for case in suite.findall("testcase"):
            self.assertGreaterEqual(float(case.get("time")), 0)

        self.write("report.xml", "what was there before")
        self.check("test", "--local", "--junit", "report.xml", "--json", code=1)
        self.assertEqual(int(self.read("report.xml").get("failures")), 3)
        self.assertEqual(sorted(name for name in os.listdir(self.folder) if "report" in name), ["report.xml"])

    def test_what_fails_before_its_tests(self):
        self.write("hello/hello.py", "import nothing_of_that_name\n")
        self.check("run", "--local", "--junit", "junit.xml", code=1)
        suite = self.read("junit.xml").find("testsuite")
        (case,) = suite.findall("testcase")
        self.assertEqual(case.get("name"), "deploy")
        self.assertIn("nothing_of_that_name", case.find("error").text)

    def test_a_place_that_cannot_be_written(self):
        self.write("taken", "a file")
        result = self.check("run", "--local", "--junit", "taken/junit.xml", code=2)
        self.assertIn("cannot write 'taken/junit.xml'", result.stderr)
        self.assertEqual(result.stdout, "")  # nothing was deployed
