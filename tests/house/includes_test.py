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
    ("core", r"^soci", ("core/src/store/session.cpp",), "only store/session.cpp includes SOCI"),
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

# The parts of core/src that each part may include, the lower ones first: no two need each other.
PARTS = {
    "base": (),
    "http": ("base",),
    "process": ("base",),
    "packaging": ("base",),
    "plugin": ("base",),
    "tune": ("base",),
    "expect": ("base",),
    "config": ("base", "expect"),
    "afcl": ("base", "config"),
    "store": ("base", "afcl"),
    "demand": ("base", "config"),
    "local": ("base", "process", "plugin"),
    "pipeline": ("base", "http", "process", "packaging", "expect", "config", "store", "tune", "plugin"),
}
EMULATOR = ("base", "http", "process", "local")


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


def code_of(file):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", file.read_text(), flags=re.S)


def sideways():
    """Parts of the core include only what stands below them."""
    places = [(root / "core/src" / part, part, below) for part, below in PARTS.items()]
    places.append((root / "core/emulator/src", "the emulator", EMULATOR))
    for folder, part, below in places:
        for file in sources(folder):
            for include in INCLUDE.findall(file.read_text()):
                first = include.split("/")[0]
                if first in PARTS and first != part and first not in below:
                    yield f"{file.relative_to(root).as_posix()} includes {include}: {part} does not build on {first}"
    for folder in sorted((root / "core/src").iterdir()):
        if folder.is_dir() and folder.name not in PARTS:
            yield f"core/src/{folder.name} has no place in PARTS of this test"


def missing_in_umbrella():
    """pyfops.hpp has everything."""
    folder = root / "core/include/pyfops"
    includes = INCLUDE.findall((folder / "pyfops.hpp").read_text())
    for file in sources("core/include/pyfops"):
        name = file.name.removesuffix(".in")
        if name not in ("pyfops.hpp", "export.hpp") and f"pyfops/{name}" not in includes:
            yield f"core/include/pyfops/pyfops.hpp does not include pyfops/{name}"


def named_providers():
    """Nothing in core names a provider."""
    word = re.compile(r'"(%s)"' % "|".join(PROVIDERS))
    for file in sources("core/src") + sources("core/emulator/src"):
        for name in word.findall(file.read_text()):
            relative = file.relative_to(root).as_posix()
            # The AFCL schema has columns by provider, a rule for region codes that two of them share, and spellings
            # of its own for providers.
            if relative not in (
                "core/src/store/afcl_names.cpp",
                "core/src/store/catalogue.cpp",
                "core/src/afcl/spelling.hpp",
            ):
                yield f"{relative} names the provider {name}"


def foreign(provider, text):
    """Other providers that a plugin's source or build file names: a text, a namespace, a folder, a target."""
    others = "|".join(name for name in PROVIDERS if name != provider)
    pattern = r'"(%s)"|\b(%s)(?:_emulator)?::|(?:plugins|\.\.)/(%s)/|\bpyfops_(%s)(?:_|\b)' % ((others,) * 4)
    return {next(filter(None, match)) for match in re.findall(pattern, text)}


def plugins_that_know_each_other():
    """A plugin names no other plugin."""
    for provider in PROVIDERS:
        folder = root / "plugins" / provider
        for file in [*sources(folder), *sorted(folder.rglob("CMakeLists.txt"))]:
            for name in foreign(provider, code_of(file) if file.suffix != ".txt" else file.read_text()):
                yield f"{file.relative_to(root).as_posix()} names {name}: a plugin names no other plugin"


def main():
    # The patterns must be able to fail.
    assert re.search(RULES[0][1], "boost/beast/http.hpp") and re.search(
        RULES[-1][1], "boost/asio/io_context.hpp"
    )
    assert not re.search(RULES[-1][1], "boost/asio/awaitable.hpp")
    for text in ('id = "aws";', "aws::sign()", "aws_emulator::World", '"../aws/x.hpp"', "pyfops_aws_common"):
        assert foreign("ibm", text) == {"aws"} and not foreign("aws", text), text
    known = set()
    for part, below in PARTS.items():
        assert known.issuperset(below), part
        known.add(part)
    problems = [
        *broken_rules(),
        *sideways(),
        *missing_in_umbrella(),
        *named_providers(),
        *plugins_that_know_each_other(),
    ]
    print("\n".join(problems) or "all includes point the right way")
    sys.exit(bool(problems))


main()
