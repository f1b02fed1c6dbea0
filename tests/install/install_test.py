# SPDX-License-Identifier: Apache-2.0
"""Installs pyfOps to a temporary prefix and uses nothing but that installation."""

import argparse
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile

PROJECT = """\
project: outside
python: "3.11"
functions:
  - name: echo
    source: code
    handler: echo:handler
    tests:
      - {name: same, input: {n: 1}, expect: {n: 1}}
deployments:
  - {provider: %s, regions: [%s]}
"""


def run(command, **options):
    print("+", " ".join(map(str, command)), flush=True)
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        sys.exit(f"exit code {result.returncode}\n{result.stdout}\n{result.stderr}")
    return result.stdout


def hidden(trees, command):
    """The command, in a mount namespace where the trees are empty folders (root only)."""
    if os.geteuid() != 0:
        return command
    cover = "".join(f'mount -t tmpfs none "{tree}"; ' for tree in trees)
    return ["unshare", "--mount", "sh", "-c", cover + 'exec "$@"', "sh", *map(str, command)]


def make_project(folder, provider, region):
    (folder / "code").mkdir(parents=True)
    (folder / "code" / "echo.py").write_text("def handler(event):\n    return event\n")
    (folder / "pyfops.yaml").write_text(PROJECT % (provider, region))
    return folder


def check_no_traces(prefix, trees):
    """No installed text file and no run path leads back to where it was built."""
    for file in prefix.rglob("*"):
        if not file.is_file() or file.is_symlink():
            continue
        content = file.read_bytes()
        if file.suffix in (".cmake", ".hpp", ".md", ".py"):
            for tree in trees:
                assert str(tree).encode() not in content, f"{file} names {tree}"
        elif content[:4] == b"\x7fELF":
            header = run(["readelf", "-d", file])
            for tree in trees:
                assert f"[{tree}" not in header, f"{file} has a run path into {tree}"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=pathlib.Path, required=True)
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--compiler", required=True)
    parser.add_argument("--flags", default="")
    options = parser.parse_args()
    trees = [options.build, options.source]

    with tempfile.TemporaryDirectory(prefix="pyfops-install-") as name:
        work = pathlib.Path(name)
        prefix = work / "prefix"
        run(["cmake", "--install", options.build, "--prefix", prefix])
        check_no_traces(prefix, trees)
        pyfops = prefix / "bin" / "pyfops"
        assert "pyfops" in run(hidden(trees, [pyfops, "--version"]))

        for example in ("embed", "plugin"):
            shutil.copytree(options.source / "sdk" / "examples" / example, work / example)
            run(
                hidden(
                    trees,
                    [
                        "cmake",
                        "-G",
                        "Ninja",
                        "-S",
                        work / example,
                        "-B",
                        work / example / "build",
                        f"-DCMAKE_PREFIX_PATH={prefix}",
                        f"-DCMAKE_CXX_COMPILER={options.compiler}",
                        f"-DCMAKE_CXX_FLAGS={options.flags}",
                    ],
                )
            )
            run(hidden(trees, ["cmake", "--build", work / example / "build"]))

        environment = dict(os.environ, PYFOPS_CACHE_DIR=str(work / "cache"))
        environment.pop("PYFOPS_PLUGIN_PATH", None)

        project = make_project(work / "embedded", "aws", "eu-central-1")
        told = run(hidden(trees, [work / "embed" / "build" / "embed", project]), env=environment)
        assert "echo@eu-central-1: deploy" in told, told
        assert "ok outside/echo/aws/eu-central-1/local/auto arn:aws:lambda" in told, told
        assert "the second run was cancelled" in told, told

        built = work / "plugin" / "build"
        listed = run(hidden(trees, ["ctest", "--test-dir", built, "--show-only"]), env=environment)
        assert "conformance acme: deploy" in listed, listed
        suite = [built / "acme_conformance", "--json", "--plugins", built / "pyfops" / "plugins"]
        report = json.loads(run(hidden(trees, suite), env=environment))
        assert report["passed"] and len(report["checks"]) > 40, report

        environment["PYFOPS_PLUGIN_PATH"] = str(built / "pyfops" / "plugins")
        project = make_project(work / "third-party", "acme", "moon")
        plugins = json.loads(run(hidden(trees, [pyfops, "plugins", "--json"]), env=environment))
        assert "acme" in json.dumps(plugins), plugins
        run(hidden(trees, [pyfops, "run", "--local"]), cwd=project, env=environment)
        with sqlite3.connect(project / ".pyfops" / "local" / "afcl.db") as database:
            rows = database.execute("SELECT KMS_Arn, isDeployed + 0 FROM functiondeployment").fetchall()
        assert len(rows) == 1 and "/acme/v1/moon/functions/" in rows[0][0] and rows[0][1] == 1, rows
    print("the installation is enough")


if __name__ == "__main__":
    main()
