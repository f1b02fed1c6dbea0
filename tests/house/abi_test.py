# SPDX-License-Identifier: Apache-2.0
"""The plugin-facing headers and the ABI number change together (docs/abi.md)."""

import hashlib
import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])

# What a plugin sees of the core. Comments and white space do not count.
FOLDERS = ("core/include/pyfops", "core/emulator/include/pyfops/emulator")
# Not for plugins: they never cross the boundary.
HOST_ONLY = {
    "runtimes.hpp",
    "engine.hpp",
    "journal.hpp",
    "local_cloud.hpp",
    "pipeline.hpp",
    "plugin_registry.hpp",
    "project.hpp",
    "project_state.hpp",
    "pyfops.hpp",
    "selection.hpp",
    "store.hpp",
    "handler_check.hpp",
    "scrub.hpp",
    "answers.hpp",
    "afcl.hpp",
    "report.hpp",
}


def signature():
    digest = hashlib.sha256()
    for folder in FOLDERS:
        for header in sorted((root / folder).glob("*.hpp")):
            if header.name in HOST_ONLY:
                continue
            text = re.sub(
                r"//[^\n]*|/\*.*?\*/|#define PYFOPS_ABI_VERSION \d+u", "", header.read_text(), flags=re.S
            )
            digest.update(header.name.encode() + b"\0" + " ".join(text.split()).encode() + b"\0")
    return digest.hexdigest()[:16]


def main():
    number = int(
        re.search(
            r"#define PYFOPS_ABI_VERSION (\d+)u", (root / "core/include/pyfops/plugin.hpp").read_text()
        )[1]
    )
    record = root / "tests/house/abi.txt"
    known = dict(
        line.split() for line in record.read_text().splitlines() if line and not line.startswith("#")
    )
    if known.get(str(number)) == signature():
        return
    sys.exit(
        f"The plugin-facing headers have changed, and PYFOPS_ABI_VERSION is still {number}.\n"
        f"Give it a new number in core/include/pyfops/plugin.hpp and add the line\n  {number + 1} {signature()}\n"
        f"to {record.relative_to(root)}."
    )


main()
