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
                # Azure loads a folder's __init__.py; unpack.py is text around a package, no file of its own.
                self.assertTrue(file.name.startswith("_pyfops_") or file.name in ("__init__.py", "unpack.py"))
                tree = ast.parse(file.read_text(encoding="utf-8"), feature_version=(3, 9))
                for node in ast.walk(tree):
                    names = []
                    if isinstance(node, ast.Import):
                        names = [alias.name for alias in node.names]
                    elif isinstance(node, ast.ImportFrom):
                        names = [node.module]
                    for name in names:
                        top = name.split(".")[0]
                        # "azure" comes with the package, as the platform's worker brings it.
                        known = top in sys.stdlib_module_names or top == "azure"
                        self.assertTrue(top.startswith("_pyfops_") or known, name)


if __name__ == "__main__":
    unittest.main()
