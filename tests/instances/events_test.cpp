// SPDX-License-Identifier: Apache-2.0
#include "pool_fixture.hpp"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <set>

using namespace pyfops;

TEST_CASE("the first event is cold and the next ones are warm on the same instance") {
    PoolFixture fixture;
    const auto image = PoolFixture::app(R"(
import os
count = 0
print("loaded")
def handler(event, context):
    global count
    count += 1
    print("event", count)
    return {"count": count, "pid": os.getpid(), "event": event, "id": context.aws_request_id != "",
            "left": 0 < context.get_remaining_time_in_millis() <= 20000, "arn": context.invoked_function_arn}
)");
    const ExecutionResult cold = fixture.run(image, R"({"a":[1,"\u00e4"]})");
    CHECK(cold.outcome == Outcome::answered);
    CHECK(cold.init_ms.value_or(0) > 0);
    CHECK(cold.body.find(R"("count": 1)") != std::string::npos);
    CHECK(cold.body.find(
              R"("id": true, "left": true, "arn": "arn:aws:lambda:eu-west-1:000000000000:function:app")") !=
          std::string::npos);
    CHECK(cold.logs == "loaded\nevent 1\n");
    CHECK(cold.content_type == "application/json");
    CHECK(cold.ran_on == python_runtimes("/none")[0].full_version);
    CHECK(cold.memory_used_mb > 3);
    CHECK(cold.memory_used_mb < 60);
    for (int i = 2; i < 5; ++i) {
        const ExecutionResult warm = fixture.run(image, "null");
        CHECK(warm.body.find("\"count\": " + std::to_string(i)) != std::string::npos);
        CHECK_FALSE(warm.init_ms);
        CHECK(warm.logs == "event " + std::to_string(i) + "\n");
    }
}

TEST_CASE("concurrent events run on several instances and one at a time on each") {
    PoolFixture fixture;
    const auto image = PoolFixture::app(R"(
import time, uuid
me = uuid.uuid4().hex
busy = False
def handler(event, context):
    global busy
    assert not busy
    busy = True
    time.sleep(0.3)
    busy = False
    return me
)");
    const auto begin = std::chrono::steady_clock::now();
    const auto results = fixture.run_all(image, 4);
    std::set<std::string> instances;
    for (const ExecutionResult& result : results) {
        CHECK(result.outcome == Outcome::answered);
        instances.insert(result.body);
    }
    CHECK(instances.size() == 4);
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));
    // All four are warm now.
    for (const ExecutionResult& result : fixture.run_all(image, 4))
        CHECK(instances.contains(result.body));
}

TEST_CASE("more events than instances wait for their turn and other functions make place") {
    PoolFixture fixture({.max_instances = 2});
    const auto image =
        PoolFixture::app("import time\ndef handler(e, c):\n    time.sleep(0.05)\n    return e\n");
    const auto results = fixture.run_all(image, 9);
    for (std::size_t i = 0; i < results.size(); ++i)
        CHECK(results[i].body == std::to_string(i));
    CHECK(std::count_if(results.begin(), results.end(),
                        [](const auto& r) { return r.init_ms.has_value(); }) == 2);
    const auto other = PoolFixture::app("def handler(e, c):\n    return 'other'\n");
    CHECK(fixture.run(other).body == "\"other\"");
}

TEST_CASE("a retired image gets no further event and its package is removed") {
    PoolFixture fixture;
    const auto image = PoolFixture::app("def handler(e, c):\n    return 1\n");
    CHECK(fixture.run(image).init_ms);
    const auto packages = fixture.directory.path() / "instances/packages";
    CHECK_FALSE(std::filesystem::is_empty(packages));
    fixture.pool->retire(image->id);
    CHECK(std::filesystem::is_empty(packages));
    CHECK(fixture.run(image).init_ms);
}

TEST_CASE("idle instances end after a while") {
    PoolFixture fixture({.idle_limit = Milliseconds(100)});
    const auto image = PoolFixture::app("def handler(e, c):\n    return 1\n");
    CHECK(fixture.run(image).init_ms);
    CHECK_FALSE(fixture.run(image).init_ms);
    run_task(fixture.context, [](Clock& clock) -> Task<int> {
        auto pause = clock.sleep(Milliseconds(400));
        co_await std::move(pause);
        co_return 0;
    }(real_clock()));
    CHECK(fixture.run(image).init_ms);
}

TEST_CASE("two images with one content share one unpacked package") {
    PoolFixture fixture;
    const auto first = PoolFixture::app("def handler(e, c):\n    return 1\n");
    const auto second = std::make_shared<FunctionImage>(*first);
    second->id = "another";
    fixture.run(first);
    fixture.run(second);
    const auto packages = fixture.directory.path() / "instances/packages";
    CHECK(std::distance(std::filesystem::directory_iterator(packages),
                        std::filesystem::directory_iterator()) == 1);
    fixture.pool->retire(first->id);
    CHECK_FALSE(std::filesystem::is_empty(packages));
    CHECK(fixture.run(second).body == "1");
}

TEST_CASE("a broken archive is an error and not an event's end") {
    PoolFixture fixture;
    auto image = PoolFixture::app("");
    image->archive = Bytes("this is no zip");
    image->id = "broken";
    CHECK_THROWS_AS(fixture.run(image), Error);
}

TEST_CASE("data files are beside the module and the package cannot be changed") {
    PoolFixture fixture;
    const auto image = PoolFixture::image({{"app.py", R"(
import os
def handler(event, context):
    here = os.path.dirname(os.path.abspath(__file__))
    try:
        open(os.path.join(here, "new"), "w")
        wrote = True
    except OSError:
        wrote = False
    open("/tmp/scratch", "w").write("x")
    return [open(os.path.join(here, "data/words.txt")).read(), wrote, os.getcwd(), "PYFOPS_SECRET" in os.environ]
)"},
                                           {"data/words.txt", "some words"}});
    ::setenv("PYFOPS_SECRET", "x", 1);
    const ExecutionResult result = fixture.run(image);
    ::unsetenv("PYFOPS_SECRET");
    if (fixture.sandbox->abilities().private_files)
        CHECK(result.body == R"(["some words", false, "/var/task", false])");
}

TEST_CASE("without the network the Runtime API is still served") {
    PoolFixture fixture({.network = false});
    const auto image = PoolFixture::app(R"(
import socket
def handler(event, context):
    try:
        socket.create_connection(("192.0.2.1", 80), 1)
    except OSError as error:
        return error.errno
)");
    const ExecutionResult result = fixture.run(image);
    if (fixture.sandbox->abilities().private_network) CHECK(result.body == "101"); // unreachable
}

TEST_CASE("notices say what runs functions") {
    PoolFixture fixture;
    const auto notices = fixture.pool->notices();
    REQUIRE_FALSE(notices.empty());
    CHECK(notices.back().find("functions run on Python 3.") != std::string::npos);
}

TEST_CASE("a function cannot take the events of another one from its Runtime API") {
    PoolFixture fixture;
    if (!fixture.sandbox->abilities().private_files) {
        MESSAGE("SKIPPED: no namespaces on this machine");
        return;
    }
    const auto victim = PoolFixture::app("import os\n"
                                         "def handler(event, context):\n"
                                         "    return os.environ['AWS_LAMBDA_RUNTIME_API']\n");
    const auto thief = PoolFixture::app(R"(
import os, socket
def ask(address, target):
    host, port = address.split(":")
    s = socket.create_connection((host, int(port)), 5)
    s.settimeout(1)
    try:
        s.sendall(("GET /2018-06-01/runtime/" + target + " HTTP/1.1\r\nHost: x\r\n\r\n").encode())
        return "answered" if s.recv(100) else "closed"
    except socket.timeout:
        return "kept"
    except OSError:
        return "closed"
def handler(event, context):
    return [ask(event, "invocation/next"), ask(os.environ["AWS_LAMBDA_RUNTIME_API"], "nothing")]
)");
    const ExecutionResult address = fixture.run(victim);
    REQUIRE(address.outcome == Outcome::answered);
    const ExecutionResult stolen = fixture.run(thief, address.body);
    CHECK(stolen.body == R"(["closed", "answered"])");
    CHECK(fixture.run(victim).body == address.body);
}

TEST_CASE("two askers for the next event cost nothing while they wait") {
    PoolFixture fixture;
    const auto image = PoolFixture::app(R"(
import os, socket, time
host, port = os.environ["AWS_LAMBDA_RUNTIME_API"].split(":")
askers = []
def handler(event, context):
    if event:
        for i in range(2):
            askers.append(socket.create_connection((host, int(port))))
        return "made"
    time.sleep(0.5)
    return "slept"
def late():
    while not askers: time.sleep(0.01)
    time.sleep(0.1)
    for s in askers: s.sendall(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: x\r\n\r\n")
import threading
threading.Thread(target=late, daemon=True).start()
)");
    REQUIRE(fixture.run(image, "1").body == R"("made")");
    const auto other = PoolFixture::app("import time\ndef handler(event, context): time.sleep(2)\n");
    const std::clock_t before = std::clock();
    fixture.run(other);
    CHECK(static_cast<double>(std::clock() - before) / CLOCKS_PER_SEC < 0.3);
}
