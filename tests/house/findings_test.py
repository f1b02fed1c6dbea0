# SPDX-License-Identifier: Apache-2.0
"""Every code of a finding is documented (core/include/pyfops/diagnostics.hpp), and none that is documented is gone."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])

WORD = r'"([a-z]+(?:-[a-z0-9]+)*)"'
# A code where a finding is made: after the severity, or first (or second, after the place) of error(), warning(), ...
CALLS = (
    re.compile(
        r"\b(?:error|warning|note|error_at_key|warning_at_key)\(\s*(?:[\w.*&>-]+,\s*)?" + WORD + r"\s*,"
    ),
    re.compile(r"Severity::\w+,\s*(?:[^\",;{}]+,\s*){0,2}" + WORD + r"\s*,"),
    re.compile(r"Severity::\w+,\s*\w+ \? " + WORD + r" : " + WORD + r"\s*,"),
)
# Below these, every text with a hyphen is a code, wherever it stands: many are handed on before they are used.
ALL_HYPHENATED = (
    "core/src/config/",
    "core/src/expect/",
    "core/src/afcl/",
    "core/src/demand/",
    "core/src/store/afcl_import.cpp",
    "core/src/store/metadata_files.cpp",
    "core/src/packaging/handler_check.cpp",
    "core/src/packaging/files/checker.py",
    "sdk/src/target_rules.cpp",
)
HYPHENATED = re.compile(r'"([a-z]+(?:-[a-z0-9]+)+)"')
NOT_CODES = {"gate-change"}  # in an example of the schema


def codes_of(name, source):
    source = re.sub(r"//[^\n]*", "", source)
    patterns = [*CALLS, HYPHENATED] if name.startswith(ALL_HYPHENATED) else CALLS
    for pattern in patterns:
        for match in pattern.finditer(source):
            yield from match.groups()


def used():
    found = {}
    for folder in ("core/src", "sdk/src", "plugins", "cli"):
        for file in sorted((root / folder).rglob("*")):
            if file.suffix not in (".cpp", ".hpp", ".py") or "emulator" in file.parts:
                continue
            name = file.relative_to(root).as_posix()
            for code in codes_of(name, file.read_text()):
                found.setdefault(code, name)
    return {code: name for code, name in found.items() if code not in NOT_CODES}


def documented(text):
    """The codes in the first column of tables that begin with "| code |"."""
    codes = set()
    for table in re.findall(r"^\| code \|.*\n\|[ -|]*\n((?:\|.*\n)*)", text, re.M):
        for row in table.splitlines():
            codes.update(code.strip(" `") for code in row.split("|")[1].split(","))
    return {code for code in codes if not code.isdigit()}  # exit codes are no findings


def main():
    # The patterns must be able to find.
    for text in (
        'cursor.error("bad-name", what)',
        'error(diagnostics, "memory", what)',
        'add(diagnostics, Severity::error, "memory", what)',
        '{Severity::error,\n "memory",\n what}',
    ):
        assert list(codes_of("cli/x.cpp", text)), text
    assert documented("| code | meaning |\n| --- | --- |\n| `a-b`, `c` | x |\n") == {"a-b", "c"}
    codes = used()
    known = {}
    for page in sorted((root / "docs").glob("*.md")):
        for code in documented(page.read_text()):
            known[code] = page.relative_to(root).as_posix()
    problems = [
        f"{name}: the code '{code}' is in no table of docs/"
        for code, name in codes.items()
        if code not in known
    ]
    problems += [
        f"{page}: no finding has the code '{code}'" for code, page in known.items() if code not in codes
    ]
    print("\n".join(sorted(problems)) or f"all {len(codes)} codes of findings are documented")
    sys.exit(bool(problems))


main()
