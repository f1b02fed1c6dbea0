// SPDX-License-Identifier: Apache-2.0
#include "process/sandbox_plan.hpp"

#include "pyfops/error.hpp"

#include <unistd.h>

#include <algorithm>
#include <set>

namespace pyfops::process {

namespace fs = std::filesystem;

namespace {

/// Inside network namespaces the port is free: nobody else is there.
constexpr std::uint16_t inner_port = 9001;

/// What programs look up in /etc; nothing else of it is shown.
constexpr const char* shown_of_etc[] = {
    "alternatives", "ca-certificates", "debian_version", "gai.conf",     "host.conf",
    "hosts",        "ld.so.cache",     "ld.so.conf",     "ld.so.conf.d", "localtime",
    "magic",        "mime.types",      "nsswitch.conf",  "os-release",   "pki",
    "protocols",    "python3",         "python3.9",      "python3.10",   "python3.11",
    "python3.12",   "python3.13",      "python3.14",     "resolv.conf",  "services",
    "ssl/certs",    "ssl/openssl.cnf", "timezone"};

class ViewBuilder {
  public:
    explicit ViewBuilder(SandboxPlan& plan) : plan_(plan) {}

    void directory(const fs::path& inside) {
        fs::path sofar = "/";
        for (const fs::path& part : inside.relative_path()) {
            sofar /= part;
            if (made_.insert(sofar.string()).second) plan_.directories.push_back(sofar.string());
        }
    }

    void bind(const fs::path& host, const fs::path& inside, bool writable = false, bool device = false) {
        const bool is_directory = fs::is_directory(host);
        directory(is_directory ? inside : inside.parent_path());
        // A link's own path could lead out of the old root when it is absolute.
        plan_.binds.push_back(
            {fs::canonical(host).string(), inside.string(), is_directory, writable, device});
    }

    void system(const fs::path& root) {
        const fs::path base = root.empty() ? fs::path("/") : root;
        std::error_code none;
        for (const char* name : {"usr", "bin", "sbin", "lib", "lib32", "lib64", "libx32"}) {
            const fs::path host = base / name;
            const fs::file_status status = fs::symlink_status(host, none);
            if (fs::is_symlink(status))
                plan_.links.push_back({"/" + std::string(name), fs::read_symlink(host).string()});
            else if (fs::is_directory(status))
                bind(host, "/" + std::string(name));
        }
        hide_site_packages(base);
        directory("/etc");
        for (const char* name : shown_of_etc) {
            // A small runtime root may lack what the network needs: that is the host's then.
            for (const fs::path& from : {base, fs::path("/")}) {
                const fs::path host = from / "etc" / name;
                if (!fs::exists(host, none)) continue;
                bind(host, fs::path("/etc") / name);
                break;
            }
        }
        const std::string id = std::to_string(plan_.uid);
        plan_.files.push_back({"/etc/passwd", "root:x:0:0:root:/root:/usr/sbin/nologin\nsandbox:x:" + id +
                                                  ":" + id + ":sandbox:/tmp:/usr/sbin/nologin\n"});
        plan_.files.push_back({"/etc/group", "root:x:0:\nsandbox:x:" + id + ":\n"});
        for (const char* name : {"/dev", "/dev/shm", "/proc", "/tmp", "/var/tmp", "/run"})
            directory(name);
        for (const char* name : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
            if (fs::exists(name, none)) bind(name, name, true, true);
        plan_.links.push_back({"/dev/fd", "/proc/self/fd"});
        plan_.links.push_back({"/dev/stdin", "/proc/self/fd/0"});
        plan_.links.push_back({"/dev/stdout", "/proc/self/fd/1"});
        plan_.links.push_back({"/dev/stderr", "/proc/self/fd/2"});
    }

  private:
    /// What happens to be installed beside the interpreter is not in the package: code that needs it must
    /// fail here as it would in the cloud.
    void hide_site_packages(const fs::path& base) {
        std::error_code none;
        for (const char* parent : {"usr/lib", "usr/local/lib", "usr/lib64"})
            for (const auto& entry : fs::directory_iterator(base / parent, none)) {
                const std::string name = entry.path().filename().string();
                if (!name.starts_with("python3")) continue;
                for (const char* site : {"dist-packages", "site-packages"})
                    if (fs::is_directory(entry.path() / site, none))
                        plan_.hidden.push_back("/" + std::string(parent) + "/" + name + "/" + site);
            }
    }

    SandboxPlan& plan_;
    std::set<std::string> made_;
};

/// Where no view can be made, paths inside become the host's: each piece of a ':'-separated text that starts
/// with a mount's inside path.
std::string to_host(const std::string& text, const std::vector<SandboxMount>& mounts) {
    std::string all;
    for (std::size_t begin = 0; begin <= text.size();) {
        const std::size_t end = std::min(text.find(':', begin), text.size());
        std::string piece = text.substr(begin, end - begin);
        const SandboxMount* best = nullptr;
        for (const SandboxMount& mount : mounts) {
            const std::string inside = mount.inside.string();
            if (piece.starts_with(inside) && (piece.size() == inside.size() || piece[inside.size()] == '/') &&
                (!best || best->inside.string().size() < inside.size()))
                best = &mount;
        }
        if (best) piece = fs::absolute(best->host).string() + piece.substr(best->inside.string().size());
        all += piece;
        if (end < text.size()) all += ':';
        begin = end + 1;
    }
    return all;
}

void check(const SandboxRequest& request) {
    if (request.command.empty() || !fs::path(request.command.front()).is_absolute())
        throw Error(ErrorKind::invalid_input, "a sandboxed program needs an absolute path");
    for (const SandboxMount& mount : request.mounts) {
        if (!mount.inside.is_absolute() || mount.inside.lexically_normal() != mount.inside ||
            mount.inside == fs::path("/"))
            throw Error(ErrorKind::invalid_input,
                        "'" + mount.inside.string() + "' is no place for a mount of the sandbox");
        if (!fs::exists(mount.host))
            throw Error(ErrorKind::not_found,
                        "'" + mount.host.string() + "' does not exist and cannot be mounted");
    }
}

} // namespace

SandboxPlan plan_sandbox(const SandboxRequest& request, const SandboxMeans& means,
                         const fs::path& private_tmp, std::uint16_t host_port) {
    check(request);
    SandboxPlan plan;
    plan.view = means.view;
    plan.user_space = means.user_space;
    plan.own_network = !request.network && means.network;
    plan.change_user = means.root;
    if (means.user_space) {
        plan.uid_map = std::to_string(plan.uid) + " " + std::to_string(::geteuid()) + " 1\n";
        plan.gid_map = std::to_string(plan.gid) + " " + std::to_string(::getegid()) + " 1\n";
    }
    plan.max_processes = request.max_processes;
    plan.max_open_files = request.max_open_files;
    plan.max_file_bytes = request.max_file_bytes;
    if (host_port == 0 && !request.listener_variable.empty()) plan.listener_port = inner_port;

    std::vector<std::string> command = request.command;
    std::map<std::string, std::string> environment = request.environment;
    plan.directory = request.directory.string();
    if (means.view) {
        plan.tmp_options = "mode=1777,size=" + std::to_string(request.tmp_bytes);
        ViewBuilder view(plan);
        view.system(request.root);
        std::vector<SandboxMount> mounts = request.mounts;
        // Outer ones first, or they would cover the inner ones.
        std::stable_sort(mounts.begin(), mounts.end(), [](const SandboxMount& a, const SandboxMount& b) {
            return a.inside.string().size() < b.inside.string().size();
        });
        for (const SandboxMount& mount : mounts)
            view.bind(mount.host, mount.inside, mount.writable);
    } else {
        if (!request.root.empty())
            throw Error(ErrorKind::forbidden,
                        "this machine allows no mount view, so no runtime root can be used")
                .hint("run as root or allow user namespaces, or use the host's Python");
        std::vector<SandboxMount> mounts = request.mounts;
        mounts.push_back({private_tmp, "/tmp", true});
        for (std::string& argument : command)
            argument = to_host(argument, mounts);
        for (auto& [name, value] : environment)
            value = to_host(value, mounts);
        environment.try_emplace("TMPDIR", private_tmp.string());
        plan.directory = to_host(plan.directory, mounts);
    }
    plan.program = command.front();
    plan.arguments = StringArray(std::move(command));
    if (!request.listener_variable.empty())
        environment[request.listener_variable] =
            "127.0.0.1:" + std::to_string(host_port ? host_port : inner_port);
    plan.environment = StringArray(environment);
    return plan;
}

} // namespace pyfops::process
