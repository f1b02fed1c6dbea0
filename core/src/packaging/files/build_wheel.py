# SPDX-License-Identifier: Apache-2.0
"""Builds a wheel from a source distribution (PEP 517). Runs in the sandbox, without network.

Usage: build_wheel.py SDIST OUTPUT_FOLDER BACKEND BUILD_ENVIRONMENT [BACKEND_PATH...]
"""

import importlib
import os
import sys
import tarfile
import tempfile
import zipfile


def unpack(sdist, folder):
    if sdist.endswith(".zip"):
        with zipfile.ZipFile(sdist) as archive:
            archive.extractall(folder)
    else:
        with tarfile.open(sdist) as archive:
            if hasattr(tarfile, "data_filter"):
                archive.extractall(folder, filter="data")
            else:
                archive.extractall(folder)
    names = os.listdir(folder)
    return os.path.join(folder, names[0]) if len(names) == 1 else folder


def main():
    sdist, output, backend, environment, *backend_path = sys.argv[1:]
    source = unpack(sdist, tempfile.mkdtemp())
    os.chdir(source)
    sys.path.insert(0, environment)
    sys.path[:0] = [os.path.join(source, part) for part in backend_path]
    # setup.py files import what lies beside them and start Python anew.
    os.environ["PYTHONPATH"] = environment
    module, _, attribute = backend.partition(":")
    hooks = importlib.import_module(module)
    for part in attribute.split(".") if attribute else []:
        hooks = getattr(hooks, part)
    sys.argv = ["setup.py"]
    print("pyfops-wheel:" + hooks.build_wheel(output))


if __name__ == "__main__":
    main()
