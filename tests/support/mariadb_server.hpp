// SPDX-License-Identifier: Apache-2.0
// A private MariaDB server for tests: one for the whole program, in a temporary directory, on a unix socket
// and, when asked for, on a loopback port. It ends with the program, however that ends.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace pyfops::testing {

class MariaDbServer {
  public:
    static constexpr const char* program = "/usr/sbin/mariadbd";
    static bool available() { return ::access(program, X_OK) == 0; }

    /// The program's server, started at the first call.
    static MariaDbServer& shared() {
        static MariaDbServer server;
        return server;
    }

    explicit MariaDbServer(bool with_port = false) : with_port_(with_port) {
        std::string pattern = (std::filesystem::temp_directory_path() / "pyfops-mariadb.XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("mkdtemp failed");
        directory_ = pattern;
        if (::getuid() == 0) {
            // The server refuses to run as root.
            const passwd* user = ::getpwnam("mysql");
            if (!user) user = ::getpwnam("nobody");
            if (!user || ::chown(directory_.c_str(), user->pw_uid, user->pw_gid) != 0)
                throw std::runtime_error("no unprivileged user for mariadbd");
            uid_ = user->pw_uid;
            gid_ = user->pw_gid;
        }
        ::chmod(directory_.c_str(), 0755);
        int status = 0;
        ::waitpid(spawn({"/usr/bin/mariadb-install-db", "--no-defaults", "--datadir=" + path("data"),
                         "--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve",
                         "--innodb-log-file-size=8M"}),
                  &status, 0);
        if (status != 0) throw std::runtime_error("mariadb-install-db failed: " + log());
        start();
    }

    ~MariaDbServer() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }

    MariaDbServer(const MariaDbServer&) = delete;
    MariaDbServer& operator=(const MariaDbServer&) = delete;

    void start(const std::vector<std::string>& more = {}) {
        std::vector<std::string> command{
            program, "--no-defaults", "--datadir=" + path("data"), "--socket=" + socket(),
            "--pid-file=" + path("pid"),
            // Two servers would clear each other's files away from one /tmp.
            "--tmpdir=" + path("data"), "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=32M",
            "--innodb-flush-log-at-trx-commit=2", "--innodb-flush-method=nosync", "--debug-no-sync",
            "--skip-log-bin", "--skip-name-resolve", "--character-set-server=latin1"};
        if (with_port_) {
            if (port_ == 0) port_ = free_port();
            command.push_back("--bind-address=127.0.0.1");
            command.push_back("--port=" + std::to_string(port_));
        } else {
            command.push_back("--skip-networking");
        }
        command.insert(command.end(), more.begin(), more.end());
        pid_ = spawn(command);
        for (;;) {
            if (query("SELECT 1").starts_with("1")) return;
            int status = 0;
            if (::waitpid(pid_, &status, WNOHANG) == pid_) {
                pid_ = -1;
                throw std::runtime_error("mariadbd ended: " + log());
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
        }
    }

    /// kill -9: what a crash leaves.
    void kill() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
    }

    std::string socket() const { return path("socket"); }
    unsigned port() const { return port_; }

    /// A new, empty database of that name.
    void create_database(const std::string& name) {
        query("DROP DATABASE IF EXISTS `" + name + "`; CREATE DATABASE `" + name + "` CHARACTER SET latin1");
    }

    /// What the client prints, tab separated; errors as well.
    std::string query(const std::string& sql, const std::string& database = "") {
        const std::string file = path("query.sql");
        std::ofstream(file) << sql;
        return run_file(file, database);
    }

    std::string run_file(const std::string& file, const std::string& database = "") {
        const std::string command =
            "mariadb --no-defaults --default-character-set=utf8mb4 -N -B -u root -S " + socket() + " " +
            database + " < " + file + " 2>&1";
        std::FILE* pipe = ::popen(command.c_str(), "re");
        if (!pipe) throw std::runtime_error("cannot run the mariadb client");
        std::string output;
        char buffer[4096];
        for (std::size_t got = 0; (got = std::fread(buffer, 1, sizeof buffer, pipe)) > 0;)
            output.append(buffer, got);
        ::pclose(pipe);
        return output;
    }

  private:
    std::string path(const char* name) const { return (directory_ / name).string(); }

    std::string log() const {
        std::ostringstream text;
        text << std::ifstream(path("log")).rdbuf();
        return text.str();
    }

    /// Free a moment ago; the server is the one that takes it.
    static unsigned free_port() {
        const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        const bool bound = ::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                           ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0;
        ::close(fd);
        if (!bound) throw std::runtime_error("no free port");
        return ntohs(address.sin_port);
    }

    pid_t spawn(const std::vector<std::string>& command) {
        std::vector<char*> arguments;
        for (const std::string& argument : command)
            arguments.push_back(const_cast<char*>(argument.c_str()));
        arguments.push_back(nullptr);
        const std::string log_file = path("log");
        const pid_t parent = ::getpid();
        const pid_t pid = ::fork();
        if (pid != 0) return pid;
        const int out = ::open(log_file.c_str(), O_CREAT | O_WRONLY | O_APPEND, 0666);
        ::dup2(out, 1);
        ::dup2(out, 2);
        if (uid_ != 0 && (::setgid(gid_) != 0 || ::setuid(uid_) != 0)) ::_exit(126);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL); // after setuid, which clears it
        if (::getppid() != parent) ::_exit(126);
        ::execv(arguments[0], arguments.data());
        ::_exit(127);
    }

    std::filesystem::path directory_;
    uid_t uid_ = 0;
    gid_t gid_ = 0;
    pid_t pid_ = -1;
    bool with_port_ = false;
    unsigned port_ = 0;
};

} // namespace pyfops::testing
