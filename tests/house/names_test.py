# SPDX-License-Identifier: Apache-2.0
"""Names of test cases reach ctest through CMake lists: a semicolon would cut one in two, and doctest passes
without a word when a name matches nothing."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
CASE = re.compile(r'TEST_CASE\(\s*"((?:[^"\\]|\\.)*)"')

problems = [
    f"{file.relative_to(root)}: '{name}' has a character that ctest or doctest takes apart"
    for file in sorted((root / "tests").rglob("*.cpp"))
    for name in CASE.findall(file.read_text())
    if re.search(r"[;*\[\]\\]", name)
]
print("\n".join(problems) or "all names reach ctest whole")
sys.exit(bool(problems))
