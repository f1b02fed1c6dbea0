# SPDX-License-Identifier: Apache-2.0
"""A whole code base as one module, made by pyfOps: unpacked when an instance starts. Python 3.9 syntax."""

import base64
import io
import os
import sys
import tempfile
import zipfile

_PACKAGE = "{{package}}"


def _unpack():
    # Real files: data files are found by __file__, and tracebacks show lines.
    folder = tempfile.mkdtemp(prefix="pyfops-")
    with zipfile.ZipFile(io.BytesIO(base64.b85decode(_PACKAGE))) as archive:
        archive.extractall(folder)
        for entry in archive.infolist():
            mode = entry.external_attr >> 16 & 0o777
            if mode & 0o100:
                os.chmod(os.path.join(folder, entry.filename), mode)
    sys.path.insert(0, folder)


_unpack()

from _pyfops_code_engine import main  # noqa: E402, F401
