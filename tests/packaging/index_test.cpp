// SPDX-License-Identifier: Apache-2.0
// Package indexes: one on loopback, one that does not answer, the real one.
#include "packaging/project.hpp"
#include "pyfops/crypto.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <arpa/inet.h>
#include <csignal>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace pyfops;
using test::error_of;
using test::Project;
namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// Debian's Python serves a folder on a port that the kernel chose; wants a user and a password when given.
class Server {
  public:
    Server(const fs::path& folder, const std::string& credentials) {
        write_file(folder / "serve.py", R"(
import base64, functools, http.server, os, sys
class Handler(http.server.SimpleHTTPRequestHandler):
    def do_GET(self):
        wanted = sys.argv[2] and "Basic " + base64.b64encode(sys.argv[2].encode()).decode()
        if wanted and self.headers.get("Authorization") != wanted:
            self.send_response(401)
            self.send_header("WWW-Authenticate", "Basic realm=x")
            self.end_headers()
            return
        super().do_GET()
    def log_message(self, *a): pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1]))
os.write(1, b"%d\n" % server.server_address[1])
server.serve_forever()
)");
        int out[2];
        REQUIRE(::pipe(out) == 0);
        const std::string script = folder / "serve.py", root = folder;
        pid_ = ::fork();
        if (pid_ == 0) {
            ::dup2(out[1], 1);
            ::execl("/usr/bin/python3", "python3", script.c_str(), root.c_str(), credentials.c_str(),
                    nullptr);
            ::_exit(127);
        }
        ::close(out[1]);
        char c = 0;
        while (::read(out[0], &c, 1) == 1 && c != '\n')
            port_ += c;
        ::close(out[0]);
        REQUIRE_FALSE(port_.empty());
    }
    ~Server() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;
    std::string address() const { return "127.0.0.1:" + port_; }

  private:
    pid_t pid_ = -1;
    std::string port_;
};

/// A port where nobody listens, kept so for the life of the object.
class ClosedPort {
  public:
    ClosedPort() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
        port_ = ntohs(address.sin_port);
    }
    ~ClosedPort() { ::close(fd_); }
    ClosedPort(const ClosedPort&) = delete;
    ClosedPort& operator=(const ClosedPort&) = delete;
    int port() const { return port_; }

  private:
    int fd_;
    int port_ = 0;
};

std::string page(const fs::path& site, const std::string& project,
                 const std::vector<std::pair<std::string, std::string>>& wheels) {
    std::string html;
    for (const auto& [wheel, attributes] : wheels) {
        const std::string bytes = test::make_wheel(wheel);
        write_file(site / "files" / wheel, bytes);
        html += fmt::format("<a href=\"../../files/{}#sha256={}\" {}>{}</a>\n", wheel, sha256_hex(bytes),
                            attributes, wheel);
    }
    write_file(site / "simple" / project / "index.html", html);
    return html;
}

} // namespace

TEST_CASE("a simple index is used with its credentials and they stay secret") {
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        const fs::path site = project.folder / "site";
        page(site, "one",
             {{"one-1.0-py3-none-any.whl", ""},
              {"one-2.0-py3-none-any.whl", "data-yanked=\"broken\""},
              {"one-3.0-py3-none-any.whl", "data-requires-python=\"&gt;=3.13\""}});
        const Server server(site, "reader:pass-word-1");
        project.world->system.environment.erase("PIP_NO_INDEX");
        project.world->system.environment.erase("PIP_FIND_LINKS");
        project.world->system.environment["PIP_INDEX_URL"] =
            fmt::format("http://reader:pass-word-1@{}/simple", server.address());
        project.world->system.environment["PIP_RETRIES"] = "0";
        const auto set = project.world->dependencies(project.request("one\n", resolver));
        REQUIRE(set->distributions.size() == 1);
        CHECK(set->distributions[0].wheel ==
              "one-1.0-py3-none-any.whl"); // 2.0 is withdrawn, 3.0 for another Python
        // Asked for by name, a withdrawn version is given.
        CHECK(
            project.world->dependencies(project.request("one==2.0\n", resolver))->distributions[0].version ==
            "2.0");
        const Error error =
            error_of([&] { project.world->dependencies(project.request("one==2.0\nabsent\n", resolver)); });
        CHECK(contains(error.what(), "requirements.txt:2: 'absent'"));
        const std::string said = std::string(error.what()) + project.world->observer.text() +
                                 project.world->log.text() +
                                 read_file(project.folder / "project/pyfops.lock");
        CHECK_FALSE(contains(said, "pass-word-1"));
        CHECK_FALSE(contains(said, server.address()));
    }
}

TEST_CASE("when no index answers the dependency is named and nothing is written") {
    for (const Resolver resolver : {Resolver::uv, Resolver::pip}) {
        CAPTURE(static_cast<int>(resolver));
        Project project;
        if (!project.ready) return;
        const ClosedPort closed;
        project.world->system.environment.erase("PIP_NO_INDEX");
        project.world->system.environment.erase("PIP_FIND_LINKS");
        project.world->system.environment["PIP_INDEX_URL"] =
            fmt::format("http://user:pass-word-2@127.0.0.1:{}/simple", closed.port());
        project.world->system.environment["PIP_RETRIES"] = "0";
        const Error error =
            error_of([&] { project.world->dependencies(project.request("# x\nsome_thing>=1\n", resolver)); });
        INFO(std::string(error.what()));
        CHECK(error.kind() == ErrorKind::unavailable);
        CHECK(contains(error.what(), "requirements.txt:2: 'some_thing>=1'"));
        CHECK(contains(error.what(), "no package index answers"));
        CHECK_FALSE(contains(error.what(), "pass-word-2"));
        CHECK_FALSE(fs::exists(project.folder / "project/pyfops.lock"));
    }
}

TEST_CASE("with an empty cache and no index the dependency is named and not the resolver alone") {
    const TemporaryDirectory folder;
    const ClosedPort closed;
    test::World world(folder.path() / "cache");
    world.system.environment["PIP_INDEX_URL"] =
        fmt::format("http://user:pass-word-3@127.0.0.1:{}/simple", closed.port());
    write_file(folder.path() / "requirements.txt", "# x\nsome_thing>=1\n");
    DependencyRequest request;
    request.requirements = folder.path() / "requirements.txt";
    request.label = "requirements.txt";
    request.platform = {"3.11", "x86_64", "2.26"};
    request.lock_file = folder.path() / "pyfops.lock";
    const Error error = error_of([&] { world.dependencies(request); });
    INFO(std::string(error.what()));
    CHECK(error.kind() == ErrorKind::unavailable);
    CHECK(contains(error.what(), "requirements.txt:2: 'some_thing>=1'"));
    CHECK(contains(error.what(), "no package index answers"));
    CHECK(contains(error.what(), "Connection refused"));
    CHECK_FALSE(contains(error.what(), "pass-word-3"));
    CHECK_FALSE(fs::exists(request.lock_file));
}

TEST_CASE("bcrypt comes from the network as one wheel for every Python") {
    Project project;
    if (!project.ready) return;
    project.world->system.environment = real_system().variables();
    std::shared_ptr<const DependencySet> set;
    try {
        set = project.world->dependencies(project.request("bcrypt==4.3.0\n"));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::unavailable) throw;
        MESSAGE("SKIPPED: no package index is reachable: ", error.what());
        return;
    }
    REQUIRE(set->distributions.size() == 1);
    CHECK(contains(set->distributions[0].wheel, "abi3-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"));

    // It can be imported here, by the Debian Python, in the sandbox.
    FunctionSpec function;
    function.name = function.module = "app";
    function.callable = "handler";
    SourceTree code;
    code.add("app.py",
             {"import bcrypt\nfrom importlib.metadata import version\nassert version('bcrypt') == '4.3.0'\n"
              "assert bcrypt.checkpw(b'x', bcrypt.hashpw(b'x', bcrypt.gensalt(4)))\ndef handler(event): "
              "return 1\n"});
    const auto problems = project.world->check(code, function, set);
    CHECK(problems.empty());
    if (!problems.empty()) MESSAGE(problems[0].summary);

    // With pip as the resolver: the same content.
    fs::remove_all(project.folder / "cache/sets");
    fs::remove(project.folder / "project/pyfops.lock");
    const std::string hash = set->content_hash;
    set.reset();
    CHECK(project.world->dependencies(project.request("bcrypt==4.3.0\n", Resolver::pip))->content_hash ==
          hash);
}
