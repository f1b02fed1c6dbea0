# SPDX-License-Identifier: Apache-2.0
"""Hints are imperative, without a capital and without a full stop (core/include/pyfops/error.hpp)."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])

LITERAL = r'"(?:[^"\\\\]|\\\\.)*"'
HINT = re.compile(
    r"(?:\.hint\(|hint = )\s*(?:std::string\(|fmt::format\(\s*)?(" + LITERAL + r"(?:\s*" + LITERAL + r")*)"
)


def wrong(text):
    first = re.match(r"[A-Z][a-z]+\b", text)
    return (first is not None and first[0] not in NAMES) or (text.endswith(".") and not text.endswith("..."))


# Words that have a capital wherever they stand.
NAMES = {"Ctrl", "Python", "Debian", "Docker"}


def main():
    found = []
    for folder in ("core", "cli", "sdk", "plugins"):
        for file in sorted((root / folder).rglob("*.[ch]pp")):
            source = file.read_text()
            for match in HINT.finditer(source):
                text = "".join(part[1:-1] for part in re.findall(LITERAL, match[1]))
                if wrong(text):
                    line = source.count("\n", 0, match.start()) + 1
                    found.append(f"{file.relative_to(root)}:{line}: {text}")
    if found:
        sys.exit("These hints begin with a capital or end with a full stop:\n  " + "\n  ".join(found))


main()
