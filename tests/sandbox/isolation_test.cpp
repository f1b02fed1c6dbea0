// SPDX-License-Identifier: Apache-2.0
#include "sandbox_fixture.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <csignal>
#include <cstddef>
#include <fstream>

using namespace pyfops;

namespace {

/// Skips where the machine cannot do it; the abilities say so to the person too.
bool without_view(SandboxFixture& fixture) {
    if (fixture.sandbox->abilities().private_files) return false;
    MESSAGE("SKIPPED: no namespaces on this machine");
    return true;
}

} // namespace

TEST_CASE("this machine's sandbox runs a program and says what it enforces") {
    SandboxFixture fixture;
    const SandboxAbilities& can = fixture.sandbox->abilities();
    for (const std::string& sentence : can.missing)
        MESSAGE(sentence);
    CHECK(can.complete() == can.missing.empty());
    auto request = SandboxFixture::shell("echo out; echo err >&2; pwd; exit 5");
    const Sandbox::Result result = fixture.run(std::move(request));
    CHECK(result.exit.exit_code == 5);
    CHECK(result.output.starts_with("out\n/"));
    CHECK(result.error_output == "err\n");
    CHECK_FALSE(result.exit.out_of_memory);
    CHECK_FALSE(result.exit.timed_out);
}

TEST_CASE("nothing of the home directory or the project or the rest of the machine is there") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    SandboxRequest request = SandboxFixture::python(R"(
import os
print(sorted(os.listdir("/")))
for path in [os.environ["PROJECT"], "/root", "/home", "/etc/shadow", "/etc/machine-id", "/sys", "/old", "/boot", "/var/lib"]:
    print(path, os.path.exists(path))
)");
    request.environment["PROJECT"] = PYFOPS_SOURCE_DIR;
    const Sandbox::Result result = fixture.run(request);
    INFO(result.error_output);
    CHECK(result.exit.exit_code == 0);
    CHECK(result.output.find("True") == std::string::npos);
    CHECK(result.output.find("'tmp', 'usr', 'var']") != std::string::npos);
    CHECK(result.output.find("'home'") == std::string::npos);
}

TEST_CASE("only the requested environment and no descriptor of the owner") {
    SandboxFixture fixture;
    ::setenv("AWS_SECRET_ACCESS_KEY", "not-for-you", 1);
    const Sandbox::Result result =
        fixture.run(SandboxFixture::shell("env | grep -v -E '^(PWD|_|TMPDIR)='; ls /proc/self/fd | wc -l"));
    ::unsetenv("AWS_SECRET_ACCESS_KEY");
    CHECK(result.output == "PATH=/usr/bin:/bin\n4\n");
}

TEST_CASE("writing is possible in /tmp only") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    const Sandbox::Result result = fixture.run(
        SandboxFixture::shell("for d in / /usr /usr/bin /etc /dev /proc /var /var/tmp /run /bin; "
                              "do touch $d/pyfops-x 2>/dev/null && echo $d; done;"
                              "touch /tmp/pyfops-x && echo tmp; mkdir /usr/y 2>&1 | grep -o 'Read-only "
                              "file system'; mount -o remount,rw /usr "
                              "2>/dev/null && echo remounted"));
    CHECK(result.output == "tmp\nRead-only file system\n");
    CHECK_FALSE(std::filesystem::exists("/tmp/pyfops-x"));
}

TEST_CASE("the private /tmp has its size and is empty at the start") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    auto request =
        SandboxFixture::shell("ls -A /tmp; head -c 3000000 /dev/zero > /tmp/big; wc -c < /tmp/big");
    request.tmp_bytes = 1u << 20;
    const Sandbox::Result result = fixture.run(std::move(request));
    CHECK(result.output == "1048576\n");
}

TEST_CASE("mounts are read-only unless asked for otherwise") {
    SandboxFixture fixture;
    TemporaryDirectory directory;
    std::filesystem::create_directory(directory.path() / "package");
    std::filesystem::create_directory(directory.path() / "out");
    std::ofstream(directory.path() / "package/module.py") << "print('module')\n";
    auto request =
        SandboxFixture::shell("python3 /var/task/module.py; touch /var/task/x 2>/dev/null && echo wrote; "
                              "touch /var/task/module.py 2>/dev/null && echo touched; echo 1 > /out/result");
    request.command = {
        "/bin/sh", "-c",
        "cd \"$TASK\" && python3 module.py; touch x 2>/dev/null && echo wrote; echo 1 > \"$OUT/result\""};
    request.environment["TASK"] = "/var/task";
    request.environment["OUT"] = "/out";
    request.environment["PYTHONDONTWRITEBYTECODE"] = "1";
    request.mounts = {{directory.path() / "package", "/var/task", false},
                      {directory.path() / "out", "/out", true}};
    const Sandbox::Result result = fixture.run(std::move(request));
    INFO(result.error_output);
    CHECK(result.output == "module\n");
    CHECK(std::filesystem::exists(directory.path() / "out/result"));
}

TEST_CASE("what is installed beside the host's Python is not there") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    const Sandbox::Result result = fixture.run(SandboxFixture::python(R"(
import os, site
print([d for d in site.getsitepackages() if os.path.isdir(d) and os.listdir(d)])
)"));
    CHECK(result.output == "[]\n");
}

TEST_CASE("one file can be mounted and a mount that makes no sense is refused") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    TemporaryDirectory directory;
    std::ofstream(directory.path() / "data") << "42\n";
    auto request = SandboxFixture::shell("cat /opt/data /tmp/deep/er/data");
    request.mounts = {{directory.path() / "data", "/opt/data"},
                      {directory.path() / "data", "/tmp/deep/er/data"}};
    CHECK(fixture.run(request).output == "42\n42\n");
    request.mounts = {{directory.path() / "no", "/opt/data"}};
    CHECK_THROWS_AS(fixture.run(request), Error);
    request.mounts = {{directory.path() / "data", "opt"}};
    CHECK_THROWS_AS(fixture.run(request), Error);
    request.mounts = {{directory.path() / "data", "/opt/../etc/passwd"}};
    CHECK_THROWS_AS(fixture.run(request), Error);
}

TEST_CASE("no other process can be seen and the first one cannot be touched") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    const Sandbox::Result result = fixture.run(SandboxFixture::python(R"(
import os, signal
print(sorted(int(p) for p in os.listdir("/proc") if p.isdigit()))
def refused(what, *a):
    try:
        what(*a)
    except OSError:
        return True
    return False
print(refused(os.kill, 1, signal.SIGKILL) or os.path.exists("/proc/1/stat"))
for name in ["environ", "mem", "maps", "root/etc/shadow", "cwd/etc/shadow"]:
    print(name, refused(lambda: open("/proc/1/" + name, "rb").read(1)))
print(refused(os.kill, )" + std::to_string(::getpid()) + R"(, 0))
)"));
    INFO(result.error_output);
    CHECK(
        result.output ==
        "[1, 2]\nTrue\nenviron True\nmem True\nmaps True\nroot/etc/shadow True\ncwd/etc/shadow True\nTrue\n");
}

TEST_CASE("no privilege is left and none can be gained") {
    SandboxFixture fixture;
    const Sandbox::Result result = fixture.run(SandboxFixture::python(R"(
import os, ctypes, subprocess
for line in open("/proc/self/status"):
    if line.startswith(("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Groups")):
        print(" ".join(line.split()))
print(os.getuid() != 0, os.getgid() != 0)
for what, *arguments in [(os.setuid, 0), (os.setgid, 0), (os.chroot, "/tmp")]:
    try:
        what(*arguments)
        print(what.__name__, "worked")
    except PermissionError:
        pass
    except OSError as error:
        print(error.errno == 22)
libc = ctypes.CDLL(None, use_errno=True)
print(libc.mount(b"tmpfs", b"/tmp", b"tmpfs", 0, None) == -1)
)"));
    INFO(result.error_output);
    CHECK(result.output.find("CapInh: 0000000000000000\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\n"
                             "CapBnd: 0000000000000000\nCapAmb: 0000000000000000\nNoNewPrivs: 1\n") !=
          std::string::npos);
    CHECK(result.output.find("worked") == std::string::npos);
    CHECK(result.output.find("False") == std::string::npos);
}

TEST_CASE("without network nothing is reachable but the own listener that the owner accepts on") {
    SandboxFixture fixture;
    if (!fixture.sandbox->abilities().private_network) {
        MESSAGE("SKIPPED: no network namespaces on this machine");
        return;
    }
    // A server of the host that a sandboxed program must not reach.
    const int server = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(server, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    REQUIRE(::listen(server, 4) == 0);
    socklen_t size = sizeof address;
    ::getsockname(server, reinterpret_cast<sockaddr*>(&address), &size);

    for (const bool network : {false, true}) {
        CAPTURE(network);
        auto request = SandboxFixture::python(R"(
import os, socket
host, port = os.environ["PYFOPS_TEST_API"].split(":")
s = socket.create_connection((host, int(port)), 5)
s.sendall(b"hello")
print(s.recv(100).decode())
def reach(address):
    try:
        socket.create_connection(address, 2).close()
        return True
    except OSError:
        return False
print(reach(("127.0.0.1", )" + std::to_string(ntohs(address.sin_port)) +
                                              R"()))
)");
        request.network = network;
        request.listener_variable = "PYFOPS_TEST_API";
        auto program = fixture.sandbox->start(std::move(request));
        std::string output;
        program->on_output([&](std::string_view piece, bool) { output += piece; });
        REQUIRE(program->listener() >= 0);
        CHECK(program->listener_address().starts_with("127.0.0.1:"));
        int peer = -1;
        REQUIRE(eventually([&] { return (peer = ::accept(program->listener(), nullptr, nullptr)) >= 0; }));
        char buffer[16] = {};
        CHECK(::read(peer, buffer, sizeof buffer) == 5);
        CHECK(::write(peer, "welcome", 7) == 7);
        const SandboxExit exit = run_task(fixture.context, program->wait());
        ::close(peer);
        INFO(output);
        CHECK(exit.exit_code == 0);
        CHECK(output == std::string("welcome\n") + (network ? "True" : "False") + "\n");
    }
    ::close(server);
}

TEST_CASE("a program that is not there is a clear error and leaves nothing") {
    SandboxFixture fixture;
    auto request = SandboxFixture::shell("true");
    request.command = {"/usr/bin/no-such-program"};
    try {
        fixture.run(request);
        FAIL("no error");
    } catch (const Error& error) {
        CHECK(error.message().find("executing the program failed: No such file") != std::string::npos);
    }
    request.command = {"sh"};
    CHECK_THROWS_AS(fixture.run(request), Error);
    request = SandboxFixture::shell("true");
    request.directory = "/no/such";
    CHECK_THROWS_AS(fixture.run(request), Error);
    CHECK(groups_named("." + std::to_string(::getpid()) + ".").empty());
}

TEST_CASE("with less than everything a strict owner refuses") {
    SandboxFixture fixture({.require_complete = true, .without_cgroups = true});
    CHECK_FALSE(fixture.sandbox->abilities().complete());
    CHECK_THROWS_AS(fixture.run(SandboxFixture::shell("true")), Error);
}

TEST_CASE("without namespaces a program still runs and paths are the host's") {
    SandboxFixture fixture({.without_namespaces = true});
    CHECK_FALSE(fixture.sandbox->abilities().private_files);
    TemporaryDirectory directory;
    std::filesystem::permissions(directory.path(), std::filesystem::perms(0755));
    std::ofstream(directory.path() / "module.py") << "import sys; print('module', len(sys.path) > 0)\n";
    auto request = SandboxFixture::python("");
    request.command = {"/usr/bin/python3", "-s", "/var/task/module.py"};
    request.environment["PYTHONPATH"] = "/var/task:/var/task/lib";
    request.mounts = {{directory.path(), "/var/task"}};
    const Sandbox::Result result = fixture.run(request);
    INFO(result.error_output);
    CHECK(result.output == "module True\n");
    // The whole group ends with the first process here too.
    request = SandboxFixture::shell("sleep 1000 & setsid sleep 1000 & echo $! $$");
    const Sandbox::Result left = fixture.run(request);
    int sleeper = std::stoi(left.output);
    CHECK(::kill(sleeper, 0) == -1);
    auto forever = SandboxFixture::shell("setsid sleep 1000 & echo $!; sleep 1000");
    const Sandbox::Result killed = fixture.run(forever, Milliseconds(300));
    CHECK(killed.exit.timed_out);
    REQUIRE_FALSE(killed.output.empty());
    sleeper = std::stoi(killed.output);
    CHECK(::kill(sleeper, 0) == -1);
}

TEST_CASE("no socket leads past the network namespaces") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    const Sandbox::Result result = fixture.run(SandboxFixture::python(R"(
import ctypes, os, socket
libc = ctypes.CDLL(None, use_errno=True)
def made(family):
    try:
        socket.socket(family, socket.SOCK_STREAM).close()
        return "made"
    except OSError as error:
        return error.strerror
for family in (socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, 40):
    print(made(family))
libc.syscall(425, 8, ctypes.create_string_buffer(256)) # io_uring_setup
print(os.strerror(ctypes.get_errno()))
)"));
    INFO(result.error_output);
    CHECK(result.output == "made\nmade\nmade\nAddress family not supported by protocol\n"
                           "Function not implemented\n");
}

TEST_CASE("user namespaces, in which there are capabilities again, cannot be made") {
    SandboxFixture fixture;
    if (without_view(fixture)) return;
    const Sandbox::Result result = fixture.run(SandboxFixture::python(R"(
import ctypes, os, platform, subprocess, threading
libc = ctypes.CDLL(None, use_errno=True)
new_user = 0x10000000
clone, clone3 = {"x86_64": (56, 435), "aarch64": (220, 435)}[platform.machine()]
def call(*arguments):
    result = libc.syscall(*arguments)
    if result == 0: os._exit(0)
    return "done" if result > 0 else os.strerror(ctypes.get_errno())
print("unshare:", os.strerror(ctypes.get_errno()) if libc.unshare(new_user) else "done")
print("clone:", call(clone, ctypes.c_ulong(new_user | 17), None, None, None, None))
print("clone3:", call(clone3, ctypes.create_string_buffer(64), 64))
thread = threading.Thread(target=print, args=("a thread",))
thread.start(); thread.join()
print(subprocess.run(["echo", "a program"], capture_output=True, text=True).stdout, end="")
)"));
    INFO(result.error_output);
    CHECK(result.output == "unshare: Operation not permitted\nclone: Operation not permitted\n"
                           "clone3: Function not implemented\na thread\na program\n");
}

TEST_CASE("abstract names of this machine's sockets cannot be reached") {
    // Landlock tells its version; scopes came with the sixth.
    if (::syscall(SYS_landlock_create_ruleset, nullptr, 0, 1) < 6) {
        MESSAGE("SKIPPED: this kernel cannot scope abstract sockets");
        return;
    }
    SandboxFixture fixture;
    const int listener = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = "pyfops-test-" + std::to_string(::getpid());
    name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    REQUIRE(::bind(listener, reinterpret_cast<const sockaddr*>(&address), size) == 0);
    REQUIRE(::listen(listener, 4) == 0);
    auto request = SandboxFixture::python(R"(
import socket
name = "\0)" + name + R"("
for at in (name, name + "-own"):
    try:
        if at != name:
            own = socket.socket(socket.AF_UNIX); own.bind(at); own.listen()
        socket.socket(socket.AF_UNIX).connect(at)
        print("reached")
    except OSError as failure:
        print(failure.strerror)
)");
    request.network = true;
    const Sandbox::Result result = fixture.run(std::move(request));
    ::close(listener);
    INFO(result.error_output);
    CHECK(result.output == "Operation not permitted\nreached\n");
}
