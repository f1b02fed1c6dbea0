#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Installs what is missing, builds and runs: cmake/bootstrap.sh test
set -euo pipefail
cd "$(dirname "$0")/.."

packages=(g++ cmake ninja-build lld ccache pkg-config
    libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
    libsoci-dev libmariadb-dev libsqlite3-dev libarchive-dev libfmt-dev libyaml-cpp-dev libssl-dev zlib1g-dev
    python3 python3-venv doctest-dev mariadb-server)

missing=()
for package in "${packages[@]}"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
done
if ((${#missing[@]})); then
    if ((EUID == 0)); then run=(); elif command -v sudo >/dev/null; then run=(sudo); else
        echo "These packages are missing. As root, run:"
        echo "  apt-get update && apt-get install --no-install-recommends -y ${missing[*]}"
        exit 2
    fi
    "${run[@]}" apt-get update
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --no-install-recommends -y "${missing[@]}"
fi

case "${1:-}" in
test)
    cmake --preset release
    cmake --build --preset release
    ctest --preset release -j "$(nproc)"
    ;;
*)
    echo "usage: cmake/bootstrap.sh test" >&2
    exit 2
    ;;
esac
