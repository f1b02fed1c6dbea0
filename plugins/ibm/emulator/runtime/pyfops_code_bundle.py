# SPDX-License-Identifier: Apache-2.0
"""Makes a code bundle of a git repository, as a build of Code Engine does: the folder of the function, and what
its requirements.txt names. Runs in a sandbox: neither the repository nor the packages are trusted."""

import glob
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile

from pyfops_instance import Fault, serve

# Hooks, helpers and settings of anybody's are not for this, and a repository is fetched over the network only.
GIT = {
    "GIT_ALLOW_PROTOCOL": "http:https:ssh",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "/bin/true",
    "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
    "HOME": "/tmp",
    "PATH": "/usr/bin:/bin",
}
LARGEST = 200 << 20


def run(command, environment, reason):
    done = subprocess.run(command, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    if done.returncode != 0:
        raise Fault(reason, "%s ended with %d" % (command[0], done.returncode))


def fetch(order, folder):
    url, revision = order["url"], order["revision"]
    if url.startswith("-") or revision.startswith("-"):
        raise Fault("invalid_build_configuration", "neither a URL nor a revision begins with a dash")
    if shutil.which("git") is None:
        raise Fault("failed", "there is no git on this machine")
    run(["git", "init", "--quiet", folder], GIT, "failed")
    run(
        ["git", "-C", folder, "fetch", "--quiet", "--depth", "1", url, revision or "HEAD"],
        GIT,
        "missing_code_repo_access",
    )
    run(["git", "-C", folder, "checkout", "--quiet", "FETCH_HEAD"], GIT, "missing_code_repo_access")


def source_of(order, folder):
    root = os.path.realpath(folder)
    source = os.path.realpath(os.path.join(root, order["directory"].lstrip("/")))
    if source != root and not source.startswith(root + os.sep):
        raise Fault("invalid_build_configuration", "the context directory leads out of the repository")
    if not os.path.isfile(os.path.join(source, "__main__.py")):
        raise Fault("invalid_build_configuration", "there is no __main__.py in '%s'" % order["directory"])
    return source


def install(source, python):
    requirements = os.path.join(source, "requirements.txt")
    if not os.path.isfile(requirements):
        return
    # Debian hides pip from everybody, but has it for virtual environments.
    pip = sorted(glob.glob("/usr/share/python-wheels/pip-*.whl"))
    if not pip:
        raise Fault("failed", "there is no pip on this machine: install python3-venv")
    environment = {"PYTHONPATH": pip[-1], "PATH": "/usr/bin:/bin", "HOME": "/tmp"}
    environment.update({name: text for name, text in os.environ.items() if name.startswith("PIP_")})
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--no-compile"]
    command += ["--disable-pip-version-check", "--target", source, "--only-binary=:all:"]
    command += ["--implementation", "cp", "--python-version", python, "--platform", "manylinux2014_x86_64"]
    command += ["--platform", "manylinux_2_28_x86_64"]
    run([*command, "-r", requirements], environment, "failed")


def zipped(source):
    total = 0
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for parent, folders, names in os.walk(source):
            folders[:] = sorted(set(folders) - {".git", "__pycache__"})
            for name in sorted(names):
                path = os.path.join(parent, name)
                if os.path.islink(path) or not os.path.isfile(path):
                    continue
                total += os.path.getsize(path)
                if total > LARGEST:
                    raise Fault("exceeded_ephemeral_storage", "the bundle is larger than 200 MB")
                info = zipfile.ZipInfo(os.path.relpath(path, source))
                info.external_attr = (0o755 if os.access(path, os.X_OK) else 0o644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                with open(path, "rb") as file:
                    archive.writestr(info, file.read())
    return buffer.getvalue()


def load():
    def answer(_, body):
        order = json.loads(body)
        folder = tempfile.mkdtemp()
        fetch(order, folder)
        source = source_of(order, folder)
        install(source, order["python"])
        return zipped(source), "application/zip"

    return answer


serve(load)
