// SPDX-License-Identifier: Apache-2.0
#include "packaging/support.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

using namespace pyfops;

namespace {

FunctionSpec function(const std::string& module = "app", const std::string& callable = "handler") {
    FunctionSpec spec;
    spec.name = "f";
    spec.source_name = "functions/f";
    spec.module = module;
    spec.callable = callable;
    return spec;
}

SourceTree code(const std::string& text, const std::string& path = "app.py") {
    SourceTree tree;
    tree.add(path, {text});
    return tree;
}

std::string codes(const std::vector<HandlerProblem>& problems) {
    std::string all;
    for (const HandlerProblem& one : problems)
        all += one.code + (one.warning ? "?" : "");
    return all;
}

} // namespace

TEST_CASE("a handler that would not start is described with its place") {
    test::TemporaryDirectory cache;
    test::World world(cache.path());
    const struct {
        const char* source;
        const char* code;
        int line;
        const char* said;
    } cases[] = {
        {"def handler(event, context):\n    return {}\n", "", 0, ""},
        {"def handler(event):\n    return {}\n", "", 0, ""},
        {"async def handler(event, context=None):\n    return {}\n", "", 0, ""},
        {"def handler(*args, **more): return 1\n", "", 0, ""},
        {"class C:\n    def __call__(self, event): return 1\nhandler = C()\n", "", 0, ""},
        {"import functools\ndef f(a, event, context): pass\nhandler = functools.partial(f, 1)\n", "", 0, ""},
        {"print('x' * 100000)\nimport sys\nsys.stdout.close()\ndef handler(event): return 1\n", "", 0, ""},
        {"import threading, time\nthreading.Thread(target=time.sleep, args=(60,)).start()\ndef "
         "handler(event): return 1\n",
         "", 0, ""},
        {"def handler(event)\n    return 1\n", "handler-syntax-error", 1, "SyntaxError"},
        {"import os\nimport nowhere\ndef handler(event): return 1\n", "handler-import-error", 2,
         "No module named 'nowhere'"},
        {"def setup():\n    return {}['x']\nsetup()\ndef handler(event): return 1\n", "handler-import-error",
         2, "KeyError: 'x'"},
        {"import sys\nsys.exit(3)\n", "handler-import-exit", 2, "sys.exit(3)"},
        {"import os\nos._exit(3)\n", "handler-import-crash", 0, "exit code 3"},
        {"import os\nos.kill(os.getpid(), 11)\n", "handler-import-crash", 0, "signal 11"},
        {"def handle(event): return 1\n", "handler-missing", 0, "has no 'handler'"},
        {"class handler:\n    pass\n", "handler-is-class", 1, "is a class"},
        {"handler = dict\n", "handler-is-class", 0, "is a class"},
        {"handler = 5\n", "handler-not-callable", 0, "is a int"},
        {"def handler(): return 1\n", "handler-arity", 1, "takes no arguments"},
        {"\ndef handler(a, b, c): return 1\n", "handler-arity", 2, "takes 3 arguments"},
        {"def handler(event, *, strict): return 1\n", "handler-arity", 1, "arguments"},
        {"handler = lambda: 1\n", "handler-arity", 1, "takes no arguments"},
        {"def handler(event):\n    yield 1\n", "handler-generator", 1, "is a generator"},
        {"async def handler(event):\n    yield 1\n", "handler-generator", 1, "is a generator"},
        {"def handler(event):\n    def inner():\n        yield 1\n    return list(inner())\n", "", 0, ""},
        {"import socket\nsocket.create_connection(('127.0.0.1', 9))\ndef handler(event): return 1\n",
         "handler-import-error?", 2, "importing 'app' fails"},
    };
    for (const auto& one : cases) {
        CAPTURE(std::string(one.source));
        const auto problems = world.check(code(one.source), function());
        const std::string summary = problems.empty() ? "" : problems[0].summary;
        CAPTURE(summary);
        CHECK(codes(problems) == one.code);
        if (problems.empty()) continue;
        CHECK(summary.find(one.said) != std::string::npos);
        CHECK(problems[0].line == one.line);
        CHECK(problems[0].file == "app.py");
    }
    CHECK(world.check(code("def handle(event): return 1\n"), function())[0].hint == "did you mean 'handle'?");
}

TEST_CASE("modules are found in folders and packages and named when they are not") {
    test::TemporaryDirectory cache;
    test::World world(cache.path());
    SourceTree tree = code("from . import part\ndef handler(event): return part.X\n", "pkg/main.py");
    tree.add("pkg/__init__.py", {""});
    tree.add("pkg/part.py",
             {"import os\nX = open(os.path.join(os.path.dirname(__file__), 'data.txt')).read()\n"});
    tree.add("pkg/data.txt", {"x"});
    CHECK(world.check(tree, function("pkg.main")).empty());
    const auto problems = world.check(tree, function("pkg.mian"));
    CHECK(codes(problems) == "handler-module-missing");
    CHECK(problems[0].hint == "did you mean 'pkg.main'?");
    CHECK(codes(world.check(code("def handler(event): pass", "math.py"), function("math"))) ==
          "handler-module-builtin");
}

TEST_CASE("the import sees plain settings but no secret and nothing of this machine") {
    test::TemporaryDirectory cache;
    test::World world(cache.path());
    FunctionSpec spec = function();
    spec.environment["MODE"] = std::string("fast");
    spec.environment["TOKEN"] = SecretSource{SecretSource::Kind::environment, "PYFOPS_TEST_TOKEN"};
    ::setenv("PYFOPS_TEST_TOKEN", "very-secret", 1);
    CHECK(world
              .check(code("import os\n"
                          "assert os.environ['MODE'] == 'fast'\n"
                          "assert os.environ['TOKEN'] != 'very-secret'\n"
                          "assert not [n for n in os.environ if n.startswith('PYFOPS_')]\n"
                          "def handler(event): return 1\n"),
                     spec)
              .empty());
    ::unsetenv("PYFOPS_TEST_TOKEN");
}

TEST_CASE("a module that the runtime brings along is only a warning") {
    test::TemporaryDirectory cache;
    test::World world(cache.path());
    const SourceTree tree = code("import boto3.session\ndef handler(event): return 1\n");
    CHECK(codes(world.check(tree, function())) == "handler-import-error");
    CHECK(codes(world.check(tree, function(), nullptr, {{"boto3"}})) == "handler-import-error?");
}
