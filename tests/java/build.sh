#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# build.sh DIRECTORY: the pinned artifacts in DIRECTORY/lib, the program in DIRECTORY/classes. Made anew when a source
# or a pin changes, else left alone, and then nothing is downloaded. Safe to run twice at once.
# build.sh --newest DIRECTORY: first raises the versions in pom.xml within their major versions and writes the lock.
set -euo pipefail
export LC_ALL=C
newest=
if [ "$1" = --newest ]; then
    newest=yes
    shift
fi
mkdir -p "$1"
directory=$(cd "$1" && pwd)
cd "$(dirname "$0")"
for program in javac mvn; do
    if ! command -v "$program" >/dev/null; then
        echo "SKIPPED: $program is not installed"
        exit 0
    fi
done
exec 9>"$directory/.building"
flock 9
maven() { mvn --batch-mode --quiet "$@" </dev/null; }
artifacts() {
    rm -rf "$directory/lib"
    maven dependency:copy-dependencies -DincludeScope=runtime -Dmdep.prependGroupId=true \
        -DoutputDirectory="$directory/lib"
}

if [ "$newest" ]; then
    maven versions:update-properties -DallowMajorUpdates=false -DgenerateBackupPoms=false \
        '-Dmaven.version.ignore=(?i).*-(alpha|beta|rc|m).*'
    artifacts
    (cd "$directory/lib" && sha256sum -- *.jar) >artifacts.sha256
fi
sources=(src/pyfops/afcl/*.java)
key=$({ javac -version 2>&1; cat build.sh pom.xml artifacts.sha256 "${sources[@]}"; } | sha256sum | cut -d' ' -f1)
if [ "$(cat "$directory/.key" 2>/dev/null)" = "$key" ]; then
    exit 0
fi
rm -rf "$directory/.key" "$directory/classes"
artifacts
lock=$PWD/artifacts.sha256
(
    cd "$directory/lib"
    if ! diff <(awk '{print $2}' "$lock") <(ls) || ! sha256sum --check --strict --quiet "$lock"; then
        echo "The artifacts are not those of tests/java/artifacts.sha256." >&2
        exit 1
    fi
)
javac --release 11 -Xlint:all,-classfile -Werror -d "$directory/classes" -cp "$directory/lib/*" "${sources[@]}"
echo "$key" >"$directory/.key"
