# SPDX-License-Identifier: Apache-2.0
"""Dependencies point one way: cli -> core, plugins -> sdk -> core. See docs/architecture.md."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"]([^>"]+)[>"]', re.M)

PROVIDERS = ("aws", "google", "azure", "ibm", "alibaba")

# (files, pattern of an include, files that may) - each with the reason that the message gives.
RULES = [
    ("cli", r"^(boost/(beast|asio|dll)|soci)", (), "the CLI names neither Beast nor SOCI nor Boost.DLL"),
    ("cli", r"^(plugins/|pyfops/emulator/|pyfops/testing/)", (), "the CLI uses the core's public headers"),
    (
        "plugins",
        r"^(boost/(beast|asio/(ip|ssl|local)|dll|process)|soci|sys/socket|openssl)",
        (),
        "a plugin opens no socket, database, library or process of its own",
    ),
    ("sdk", r"^(boost/(beast|dll)|soci|openssl)", (), "the SDK builds on the core alone"),
    ("core", r"^(pyfops/sdk|pyfops/testing|plugins/)", (), "nothing in core depends on sdk or plugins"),
    ("core/src", r"^pyfops/emulator/", (), "production never maps emulator code"),
    ("core", r"^soci", ("core/src/store/",), "only the store includes SOCI"),
    ("core", r"^yaml-cpp", ("core/src/config/yaml.cpp",), "yaml-cpp is included in one file"),
    ("core", r"^boost/dll", ("core/src/plugin/module.cpp",), "only plugin/module.cpp includes Boost.DLL"),
    (
        "core",
        r"^boost/beast|^boost/asio/ssl",
        ("core/src/http/", "core/emulator/src/http_", "core/emulator/src/local_ca"),
        "only the transport files include Beast and TLS",
    ),
    (
        "core/include",
        r"^(boost/(?!asio/awaitable\.hpp$|json/value\.hpp$|version\.hpp$)|fmt/|soci|openssl|archive|yaml-cpp)",
        (),
        "public headers include std, awaitable.hpp and json/value.hpp only",
    ),
]


def sources(folder):
    return [p for p in sorted((root / folder).rglob("*")) if p.suffix in (".cpp", ".hpp", ".in")]


def broken_rules():
    for folder, pattern, allowed, reason in RULES:
        for file in sources(folder):
            name = file.relative_to(root).as_posix()
            if any(name.startswith(place) for place in allowed):
                continue
            for include in INCLUDE.findall(file.read_text()):
                if re.search(pattern, include):
                    yield f"{name} includes {include}: {reason}"


def named_providers():
    """Nothing in core names a provider; a plugin names no other."""
    word = re.compile(r'"(%s)"' % "|".join(PROVIDERS))
    for file in sources("core/src") + sources("core/emulator/src"):
        for name in word.findall(file.read_text()):
            relative = file.relative_to(root).as_posix()
            # The AFCL schema has columns by provider, and a rule for region codes that two of them share.
            if relative not in ("core/src/store/afcl_names.cpp", "core/src/store/catalogue.cpp"):
                yield f"{relative} names the provider {name}"


def main():
    # The patterns must be able to fail.
    assert re.search(RULES[0][1], "boost/beast/http.hpp") and re.search(
        RULES[-1][1], "boost/asio/io_context.hpp"
    )
    assert not re.search(RULES[-1][1], "boost/asio/awaitable.hpp")
    problems = [*broken_rules(), *named_providers()]
    print("\n".join(problems) or "all includes point the right way")
    sys.exit(bool(problems))


main()
