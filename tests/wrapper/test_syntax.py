# SPDX-License-Identifier: Apache-2.0
import ast
import sys
import unittest

from package import TEMPLATES


class Syntax(unittest.TestCase):
    def test_entry_files_keep_to_python_3_9_and_to_their_names(self):
        files = sorted(TEMPLATES.rglob("*.py"))
        self.assertGreaterEqual(len(files), 3)
        for file in files:
            with self.subTest(file.name):
                self.assertTrue(file.name.startswith("_pyfops_"))
                tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
                for node in ast.walk(tree):
                    names = []
                    if isinstance(node, ast.Import):
                        names = [alias.name for alias in node.names]
                    elif isinstance(node, ast.ImportFrom):
                        names = [node.module]
                    for name in names:
                        top = name.split(".")[0]
                        self.assertTrue(top.startswith("_pyfops_") or top in sys.stdlib_module_names, name)


if __name__ == "__main__":
    unittest.main()
