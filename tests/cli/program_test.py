# SPDX-License-Identifier: Apache-2.0
"""The program without a project: help, words it does not know, its streams."""

import json
import os
import re
import subprocess

from harness import PROGRAM, ProgramTest


class Help(ProgramTest):
    def commands(self):
        return self.document("help", schema="pyfops.help/1")["commands"]

    def test_alone_it_shows_how_to_use_it(self):
        result = self.check(code=2)
        self.assertEqual(result.stdout, "")
        self.assertIn("usage: pyfops COMMAND", result.stderr)

    def test_version(self):
        self.assertRegex(self.check("--version").stdout, r"^pyfops \d+\.\d+\.\d+\n$")
        self.assertIn("version", self.document("--version", schema="pyfops.version/1"))

    def test_every_command_has_help_with_examples_both_ways(self):
        names = [command["name"] for command in self.commands()]
        self.assertGreaterEqual(len(names), 17)
        overview = self.check("--help").stdout
        self.assertEqual(overview, self.check("help").stdout)
        for name in names:
            with self.subTest(command=name):
                self.assertRegex(overview, rf"\n  {name} ")
                text = self.check(name, "--help").stdout
                self.assertEqual(text, self.check("help", name).stdout)
                self.assertIn(f"usage: pyfops {name}", text)
                self.assertIn("examples:\n  pyfops ", text)
                self.assertIn("--json", text)
                self.assertTrue(all(len(line) <= 100 for line in text.splitlines()))

    def test_help_takes_the_words_of_a_command(self):
        for words in (("db", "migrate"), ("db", "export"), ("afcl", "bind"), ("completion", "bash")):
            self.assertEqual(self.check("help", *words).stdout, self.check("help", words[0]).stdout)

    def test_examples_use_options_that_exist(self):
        for command in self.commands():
            known = {option["name"] for option in command["options"]} | {
                option["short"] for option in command["options"]
            }
            text = self.check("help", command["name"]).stdout.split("examples:")[1]
            for line in text.splitlines():
                line = line.split("#")[0]
                if not line.strip().startswith(f"pyfops {command['name']} "):
                    continue
                line = re.split(r"[|>]", line)[0]
                for word in re.findall(r"(?<!\S)(-[-\w]+)", line):
                    self.assertTrue(word in known or word.rstrip("0123456789") in known, f"{line}: {word}")

    def test_the_documentation_names_every_command_and_option(self):
        with open(os.path.join(os.environ["PYFOPS_SOURCE_DIR"], "docs/cli.md"), encoding="utf-8") as file:
            text = file.read()
        for command in self.commands():
            self.assertIn(f"`{command['name']}", text)
            for option in command["options"]:
                self.assertIn(f"`{option['name']}", text, command["name"])


class WrongWords(ProgramTest):
    def test_an_unknown_command_gets_a_suggestion(self):
        result = self.check("depoly", code=2)
        self.assertEqual(result.stdout, "")
        self.assertEqual(
            result.stderr, "error: there is no command 'depoly'\n  hint: did you mean 'deploy'?\n"
        )
        self.assertIn("did you mean 'validate'", self.check("help", "valdate", code=2).stderr)
        self.assertIn("'pyfops db' has no 'exprot'", self.check("help", "db", "exprot", code=2).stderr)
        self.check("help", "run", "now", code=2)

    def test_an_unknown_option_gets_a_suggestion(self):
        self.assertIn("did you mean '--json'?", self.check("run", "--jsn", code=2).stderr)
        self.assertIn("no option '--frobnicate'", self.check("--frobnicate", code=2).stderr)
        self.assertIn("needs a value", self.check("plan", "--only", code=2).stderr)

    def test_errors_are_json_when_json_is_asked_for(self):
        error = self.document("run", "--jbos", "3", schema="pyfops.error/1", code=2)
        self.assertEqual(
            list(error), ["schema", "kind", "message", "where", "hint", "provider", "exit_code", "findings"]
        )
        self.assertEqual(error["kind"], "invalid_input")
        self.assertEqual(error["exit_code"], 2)

    def test_values_are_read_before_anything_else(self):
        """There is no project here: what comes first is told."""
        for words, told in (
            (("run", "--jobs", "x"), "'--jobs'"),
            (("run", "--local", "--repeat", "x"), "'--repeat'"),
            (("tune", "--repeat", "101"), "'--repeat'"),
            (("test", "--max-cost", "-1"), "'--max-cost'"),
            (("run", "--max-invocations", "0"), "'--max-invocations'"),
            (("destroy", "--yes", "--timeout", "soon"), "'--timeout'"),
            (("logs", "--limit", "0"), "'--limit'"),
            (("list", "--only", "x"), "'x' is no selection"),
            (("report", "--only", "regoin=x"), "unknown key 'regoin'"),
            (("run", "--junit", "new/report.xml", "--jobs", "0"), "'--jobs'"),
        ):
            with self.subTest(words=words):
                self.assertIn(told, self.check(*words, code=2).stderr)
        self.assertFalse(os.path.exists(self.folder + "/new"), "wrong words make no folder")

    def test_db_and_completion_say_what_they_know(self):
        self.assertIn("db migrate", self.check("db", code=2).stderr)
        self.assertIn("has no 'migarte'", self.check("db", "migarte", code=2).stderr)
        self.assertIn("bash, zsh or fish", self.check("completion", "tcsh", code=2).stderr)


class Streams(ProgramTest):
    def test_colours_only_where_they_are_wanted(self):
        self.assertIn("\x1b[1;31merror:", self.on_terminal("nothing"))
        for variables, words in (({"NO_COLOR": "1"}, ()), ({"TERM": "dumb"}, ()), ({}, ("--no-color",))):
            with self.subTest(variables=variables, words=words):
                shown = self.on_terminal("nothing", *words, environment=variables)
                self.assertIn("error: there is no command", shown)
                self.assertNotIn("\x1b", shown)
        self.assertIn("\x1b[", self.on_terminal("nothing", environment={"NO_COLOR": ""}))
        self.assertNotIn("\x1b", self.check("nothing", code=2).stderr)

    def test_a_narrow_terminal_is_respected(self):
        for line in self.on_terminal("help", "run", columns=60).splitlines():
            if line.startswith("  pyfops"):
                continue  # examples are there to be copied
            self.assertLessEqual(len(line), 60, line)

    def test_a_closed_stdout_is_an_error_and_harms_no_file(self):
        result = subprocess.run(
            ["/bin/sh", "-c", f"exec '{PROGRAM}' --version >&-"],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.returncode, 1)
        self.assertIn("the result cannot be written", result.stderr)

    def test_a_full_device_is_an_error(self):
        with open("/dev/full", "w") as full:
            result = self.run_pyfops("help", stdout=full)
        self.assertEqual(result.returncode, 1)
        self.assertIn("No space left", result.stderr)

    def test_a_reader_that_leaves_is_no_drama(self):
        reader, writer = os.pipe()
        os.close(reader)
        result = self.run_pyfops("help", stdout=writer)
        os.close(writer)
        self.assertEqual(result.stderr, "")
        self.assertGreaterEqual(result.returncode, 0, "not killed by a signal")

    def test_closed_stderr_does_not_matter(self):
        result = subprocess.run(
            ["/bin/sh", "-c", f"exec '{PROGRAM}' nothing 2>&-"],
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            timeout=60,
        )
        self.assertEqual((result.returncode, result.stdout), (2, ""))

    def test_the_locale_does_not_matter(self):
        expected = self.check("help", "--json").stdout
        for locale in ("C.UTF-8", "de_DE.UTF-8", "tr_TR.UTF-8", "nonsense"):
            self.assertEqual(
                self.check("help", "--json", environment={"LC_ALL": locale, "LANG": locale}).stdout, expected
            )

    def test_json_goes_through_pipes_unchanged(self):
        self.assertEqual(
            json.loads(self.check("version", "--json", "-v").stdout)["schema"], "pyfops.version/1"
        )
