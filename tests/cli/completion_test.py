# SPDX-License-Identifier: Apache-2.0
"""Completion scripts load in their shells and offer what the table has."""

import os
import shutil
import subprocess

from harness import PROGRAM, ProgramTest


class Bash(ProgramTest):
    def setUp(self):
        super().setUp()
        self.script = self.write("completion.bash", self.check("completion", "bash").stdout)

    def complete(self, *words):
        """What bash offers after these words, the last one being typed."""
        code = (
            f'source {self.script}; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); compopt() {{ :; }}; '
            "_pyfops; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        result = subprocess.run(
            ["/bin/bash", "--norc", "-c", code, "bash", PROGRAM, *words],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(result.stderr, "")
        return result.stdout.split()

    def test_the_script_is_sound(self):
        subprocess.run(["/bin/bash", "-n", self.script], check=True, timeout=60)
        bound = subprocess.run(
            ["/bin/bash", "--norc", "-c", f"source {self.script}; complete -p pyfops"],
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual(bound.stdout, "complete -F _pyfops pyfops\n")

    def test_commands(self):
        self.assertEqual(self.complete("de"), ["deploy", "destroy"])
        self.assertIn("run", self.complete(""))
        self.assertNotIn("version", self.complete(""))
        self.assertEqual(self.complete("--v"), ["--version"])

    def test_options_of_the_command_and_their_values(self):
        self.assertIn("--repeat", self.complete("run", "--"))
        self.assertNotIn("--yes", self.complete("run", "--"))
        self.assertEqual(self.complete("-f", "x.yaml", "package", "--reso"), ["--resolver"])
        self.assertEqual(self.complete("package", "--resolver", ""), ["uv", "pip"])
        self.assertEqual(self.complete("run", "--only", "re"), ["region="])
        self.assertEqual(self.complete("completion", "z"), ["zsh"])
        self.assertIn("starter", self.complete("init", "--template", ""))

    def test_files(self):
        self.write("some folder/pyfops.yaml", "")
        self.assertIn("completion.bash", self.complete("run", "-f", "comp"))
        self.assertEqual(self.complete("run", "-f", "some"), ["some", "folder"])

    def test_functions_of_the_project(self):
        self.check("init", "demo")
        self.folder = os.path.join(self.folder, "demo")
        names = self.check("completion", "functions").stdout.split()
        self.assertGreaterEqual(len(names), 3)
        self.assertEqual(self.complete("invoke", names[0][:-1]), [names[0]])

    def test_no_project_means_no_names_and_no_noise(self):
        self.assertEqual(self.complete("invoke", ""), [])


class OtherShells(ProgramTest):
    def syntax(self, shell, *words):
        script = self.write(f"completion.{shell}", self.check("completion", shell).stdout)
        with open(script, encoding="utf-8") as file:
            text = file.read()
        self.assertIn("--repeat" if shell == "zsh" else "-l repeat", text)
        program = shutil.which(shell)
        if not program:
            print(f"({shell} is not installed: its script was not parsed)")
            return
        result = subprocess.run([program, *words, script], capture_output=True, text=True, timeout=60)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_zsh(self):
        self.syntax("zsh", "-n")

    def test_fish(self):
        self.syntax("fish", "--no-execute")
