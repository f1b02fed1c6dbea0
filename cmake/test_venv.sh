#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# test_venv.sh DIRECTORY REQUIREMENTS...: a virtual environment of /usr/bin/python3 with exactly these pinned
# packages. Made anew when the requirements change, else left alone. Safe to run twice at once.
set -euo pipefail
directory=$1
shift
mkdir -p "$(dirname "$directory")"
exec 9>"$directory.lock"
flock 9
key=$({ /usr/bin/python3 --version; cat "$@"; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$directory/.requirements" 2>/dev/null)" = "$key" ]; then
    exit 0
fi
rm -rf "$directory"
/usr/bin/python3 -m venv "$directory"
arguments=()
for requirements; do arguments+=(-r "$requirements"); done
"$directory/bin/pip" install -q --disable-pip-version-check --require-hashes "${arguments[@]}"
# The runtime interface client is of no use without its compiled part.
if [ -d "$directory"/lib/python3*/site-packages/awslambdaric ]; then
    "$directory/bin/python" -c 'import runtime_client'
fi
echo "$key" >"$directory/.requirements"
