# SPDX-License-Identifier: Apache-2.0
"""Completion scripts load in their shells and offer what the table has."""

import os
import shutil
import subprocess

from harness import PROGRAM, ProgramTest


def installed(test, shell):
    program = shutil.which(shell)
    if not program:
        test.skipTest(f"{shell} is not installed")
    return program


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

    def test_words_and_what_follows_them(self):
        self.assertEqual(self.complete("db", ""), ["migrate", "import", "export"])
        self.assertEqual(self.complete("db", "--check", "m"), ["migrate"])
        os.makedirs(self.folder + "/metadata")
        self.assertEqual(self.complete("db", "import", "meta"), ["metadata"])
        self.assertEqual(self.complete("afcl", ""), ["bind"])
        self.assertIn("completion.bash", self.complete("afcl", "bind", "--cheapest", "comp"))
        self.assertEqual(self.complete("completion", "bash", ""), [])

    def test_providers(self):
        everyone = ["alibaba", "aws", "azure", "google", "ibm"]
        self.assertLessEqual(set(everyone), set(self.complete("plugins", "")))
        self.assertEqual(self.complete("plugins", "az"), ["azure"])
        self.assertEqual(self.complete("emulate", "--print-env", "g"), ["google"])
        self.assertEqual(self.complete("emulate", "--print-env", "--sta"), ["--state"])
        self.assertEqual(self.complete("emulate", "g"), [])
        self.assertEqual(self.complete("afcl", "bind", "w.yaml", "--provider", "ib"), ["ibm"])

    def test_selections(self):
        """For readline '=' ends a word."""
        keys = ["provider=", "region=", "function=", "slot="]
        self.assertEqual(self.complete("run", "--only", ""), keys)
        self.assertEqual(self.complete("run", "--only", "provider", "=", "az"), ["azure"])
        self.assertIn("aws", self.complete("run", "--only", "provider", "="))
        self.assertEqual(self.complete("run", "--only", "provider", "=", "aws,sl"), ["aws,slot="])
        self.assertEqual(self.complete("run", "--only", "region", "=", ""), [])
        self.assertEqual(self.complete("run", "--only", "provider", "=", "aws", "--jun"), ["--junit"])
        self.assertEqual(self.complete("--only", "provider", "=", "aws", "depl"), ["deploy"])
        self.assertEqual(self.complete("package", "--resolver", "=", "u"), ["uv"])

    def test_no_project_means_no_names_and_no_noise(self):
        self.assertEqual(self.complete("invoke", ""), [])


class Fish(ProgramTest):
    def setUp(self):
        super().setUp()
        self.shell = installed(self, "fish")
        self.script = self.write("completion.fish", self.check("completion", "fish").stdout)

    def complete(self, line):
        """What fish offers after the beginning of a command line."""
        result = subprocess.run(
            [self.shell, "--no-config", "-c", f"source {self.script}; complete -C '{line}'"],
            cwd=self.folder,
            env={
                **self.environment,
                "PATH": os.path.dirname(PROGRAM) + ":/usr/bin:/bin",
                "HOME": self.folder,
            },
            capture_output=True,
            text=True,
            timeout=60,
        )
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        return [offer.split("\t")[0] for offer in result.stdout.splitlines()]

    def test_it_completes(self):
        self.assertEqual(self.complete("pyfops de"), ["deploy", "destroy"])
        self.assertEqual(self.complete("pyfops run --rep"), ["--repeat"])
        self.assertEqual(self.complete("pyfops test --re"), ["--repeat", "--require-sandbox"])
        self.assertEqual(self.complete("pyfops package --resolver "), ["pip", "uv"])
        self.assertEqual(self.complete("pyfops init --template s"), ["starter"])
        self.assertIn("completion.fish", self.complete("pyfops run --file c"))
        self.assertEqual(self.complete("pyfops completion z"), ["zsh"])
        self.assertEqual(self.complete("pyfops db "), ["export", "import", "migrate"])
        self.assertEqual(self.complete("pyfops afcl b"), ["bind"])
        self.assertIn("completion.fish", self.complete("pyfops afcl bind c"))
        self.assertEqual(self.complete("pyfops plugins az"), ["azure"])
        self.assertEqual(self.complete("pyfops emulate --print-env az"), ["azure"])
        self.assertEqual(self.complete("pyfops afcl bind --provider az"), ["azure"])
        self.assertEqual(self.complete("pyfops run --only s"), ["slot="])
        self.assertEqual(self.complete("pyfops run --only provider=az"), ["provider=azure"])


class Zsh(ProgramTest):
    def setUp(self):
        super().setUp()
        self.shell = installed(self, "zsh")
        self.write("functions/_pyfops", self.check("completion", "zsh").stdout)

    def complete(self, line, by="fpath"):
        """What zsh offers there: it only completes in an interactive shell, so that is what it gets."""
        load = {
            "fpath": "fpath=($PWD/functions $fpath); autoload -U compinit; compinit -D -u",
            "source": "autoload -U compinit; compinit -D -u; source $PWD/functions/_pyfops",
        }[by]
        code = f"""
            zmodload zsh/zpty
            zpty shell {self.shell} -f -i
            zpty -w shell 'PS1=; unsetopt zle_bracketed_paste prompt_cr prompt_sp; {load}'
            zpty -w shell 'compadd() {{ local -a all; builtin compadd -O all "$@"; print -rl -- "OFFER "$^all >>offers
                builtin compadd "$@" }}'
            zpty -w shell 'finish() {{ zle -I; print END >>offers }}; zle -N finish; bindkey "^X" finish'
            zpty -w -n shell $'{line}\t\x18'
            for try in {{1..200}}; do
                [[ -e offers && "$(tail -1 offers)" == END ]] && break
                zpty -r -t shell skip
                sleep 0.05
            done
            zpty -d shell
        """
        self.write("offers", "")
        subprocess.run(
            [self.shell, "-f", "-c", code],
            cwd=self.folder,
            env={**self.environment, "PATH": os.path.dirname(PROGRAM) + ":/usr/bin:/bin", "TERM": "dumb"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=60,
        )
        with open(os.path.join(self.folder, "offers"), encoding="utf-8") as file:
            seen = file.read().splitlines()
        self.assertEqual(seen[-1:], ["END"])
        return sorted({offer[6:] for offer in seen if len(offer) > 6 and offer.startswith("OFFER ")})

    def test_the_script_is_sound(self):
        parsed = subprocess.run([self.shell, "-n", self.folder + "/functions/_pyfops"], capture_output=True)
        self.assertEqual((parsed.returncode, parsed.stderr), (0, b""))

    def test_it_completes(self):
        self.assertEqual(self.complete("pyfops de"), ["deploy", "destroy"])
        self.assertEqual(self.complete("pyfops de", by="source"), ["deploy", "destroy"])
        self.assertEqual(self.complete("pyfops -f x.yaml de"), ["deploy", "destroy"])
        self.assertEqual(self.complete("pyfops run --rep"), ["--repeat"])
        self.assertEqual(self.complete("pyfops test --re"), ["--repeat", "--require-sandbox"])
        self.assertEqual(self.complete("pyfops -q package --resolver "), ["pip", "uv"])
        self.assertEqual(self.complete("pyfops db "), ["export", "import", "migrate"])
        self.assertEqual(self.complete("pyfops afcl b"), ["bind"])
        self.assertEqual(self.complete("pyfops plugins az"), ["azure"])
        self.assertEqual(self.complete("pyfops emulate --print-env az"), ["azure"])
        self.assertEqual(self.complete("pyfops afcl bind --provider az"), ["azure"])
        self.assertEqual(self.complete("pyfops run --only sl"), ["slot"])
        self.assertEqual(self.complete("pyfops run --only provider=az"), ["azure"])
        self.assertEqual(self.complete("pyfops init --template s"), ["starter"])
        self.assertEqual(self.complete("pyfops completion z"), ["zsh"])
