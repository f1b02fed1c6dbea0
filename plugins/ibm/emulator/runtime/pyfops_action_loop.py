# SPDX-License-Identifier: Apache-2.0
"""The side of the action in OpenWhisk's action-loop protocol: started in the folder of the action, it says
{"ok": true} on descriptor 3, then reads an event a line from its input and writes a result a line to
descriptor 3. Python 3.9 syntax."""

import importlib
import json
import os
import sys
import traceback


def main():
    sys.path.insert(0, os.getcwd())
    function = getattr(importlib.import_module("main__"), sys.argv[1])
    with os.fdopen(3, "wb") as out:

        def say(value):
            out.write(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n")
            out.flush()

        if os.getenv("__OW_WAIT_FOR_ACK"):
            say({"ok": True})
        for line in sys.stdin:
            event = json.loads(line)
            for key, value in event.items():
                if key != "value":
                    os.environ["__OW_" + key.upper()] = value
            try:
                result = function(event.get("value") or {})
            except Exception as error:
                traceback.print_exc()
                result = {"error": str(error)}
            sys.stdout.flush()
            sys.stderr.flush()
            say(result)


main()
