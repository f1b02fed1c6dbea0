// SPDX-License-Identifier: Apache-2.0
#include "process/suite_source.hpp"

#include "base/printable.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <unistd.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace pyfops::process {

namespace fs = std::filesystem;

namespace {

constexpr std::array<std::string_view, 5> debian_releases{"bullseye", "bookworm", "trixie", "sid", "stable"};
constexpr std::size_t most_words = 6;

/// Settings of apt that say how to fetch; the others belong to the machine's own packages.
constexpr std::array<std::string_view, 6> not_about_fetching{
    "Acquire::IndexTargets", "Acquire::Languages",  "Acquire::CompressionTypes",
    "Acquire::cdrom",        "Acquire::Changelogs", "Acquire::GzipIndexes"};

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> all;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        all.push_back(line);
    return all;
}

bool mentions(const std::string& text, std::initializer_list<std::string_view> words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

} // namespace

SuiteSource::SuiteSource(const System& system, fs::path work) : work_(std::move(work)) {
    const auto path = system.variable("PATH");
    // The tools of an administrator are not on everybody's PATH.
    environment_["PATH"] =
        (path && !path->empty() ? *path + ":" : "/usr/local/bin:/usr/bin:/bin:") + "/usr/sbin:/sbin";
    environment_["LC_ALL"] = "C";
    environment_["HOME"] = system.home().string();
    for (const char* name : {"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy"})
        if (const auto value = system.variable(name)) environment_[name] = *value;
    // Where the suite is put together; another user, whom mmdebstrap becomes when we are not root, could not
    // enter it.
    if (::geteuid() == 0) environment_["TMPDIR"] = work_.string();
}

Task<std::string> SuiteSource::output_of(std::vector<std::string> command, StageContext& context) const {
    ProcessRequest request;
    request.command = std::move(command);
    request.environment = environment_;
    auto running = context.host.processes.run(std::move(request), context.deadline);
    const ProcessResult result = co_await std::move(running);
    co_return result.ok() ? result.output : std::string();
}

Task<void> SuiteSource::ask_apt(StageContext& context) {
    std::string targets;
    bool missing = false;
    try {
        auto trying = output_of({"mmdebstrap", "--version"}, context);
        co_await std::move(trying);
        auto asking = output_of({"apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)",
                                 "Identifier: Packages"},
                                context);
        targets = co_await std::move(asking);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::not_found) throw;
        missing = true;
    }
    if (missing)
        throw Error(ErrorKind::not_found, "making a Python from a Debian suite needs mmdebstrap")
            .hint("install the Debian package mmdebstrap");
    for (const std::string& line : lines_of(targets)) {
        std::istringstream words(line);
        std::string uri, release, component;
        words >> uri >> release >> component;
        const bool debian =
            std::find(debian_releases.begin(), debian_releases.end(), release) != debian_releases.end();
        if (debian && component == "main" && mirror_.empty()) mirror_ = uri;
    }
    auto asking = output_of({"apt-config", "dump", "--no-empty", "Acquire"}, context);
    const std::string dump = co_await std::move(asking);
    for (const std::string& line : lines_of(dump))
        if (line.starts_with("Acquire::") &&
            std::none_of(not_about_fetching.begin(), not_about_fetching.end(),
                         [&](std::string_view start) { return line.starts_with(start); }))
            settings_.push_back(line);
    settings_.push_back("Dir::Etc::netrc \"/etc/apt/auth.conf\";");
    settings_.push_back("Dir::Etc::netrcparts \"/etc/apt/auth.conf.d\";");
}

std::vector<std::string> SuiteSource::make_command(std::string_view suite, const fs::path& archive) const {
    std::vector<std::string> command{"mmdebstrap", "--quiet", "--variant=minbase", "--include=python3",
                                     "--format=tar"};
    for (const char* part : {"doc", "info", "locale", "man"})
        command.push_back(fmt::format("--dpkgopt=path-exclude=/usr/share/{}/*", part));
    if (::geteuid() == 0) {
        // In a file, since a proxy's password may be among them and everybody sees the arguments.
        const fs::path file = work_ / "apt.conf";
        write_file(file, fmt::format("{}\n", fmt::join(settings_, "\n")), 0600);
        command.push_back("--aptopt=" + file.string());
    } else {
        command.push_back("--mode=unshare");
        for (const std::string& setting : settings_)
            command.push_back("--aptopt=" + setting);
    }
    command.emplace_back(suite);
    command.push_back(archive.string());
    if (!mirror_.empty()) command.push_back(mirror_);
    return command;
}

std::vector<std::string> SuiteSource::unpack_command(const fs::path& archive, const fs::path& into) const {
    std::vector<std::string> command{"tar",    "--extract",      "--no-same-owner", "--same-permissions",
                                     "--file", archive.string(), "--directory",     into.string()};
    for (const char* part : {"boot", "dev", "etc/apt", "etc/dpkg", "etc/hostname", "etc/machine-id",
                             "etc/resolv.conf", "etc/shadow", "etc/shadow-", "etc/gshadow", "etc/gshadow-",
                             "home", "proc", "root", "run", "sys", "tmp", "var"})
        command.push_back(fmt::format("--exclude=./{}", part));
    command.push_back("--anchored");
    return command;
}

Error why_not_made(const RuntimeSuite& suite, const ProcessResult& failed) {
    const std::string& text = failed.error_output;
    const auto error = [&](ErrorKind kind, std::string why, std::string_view hint) {
        // apt says the most important last.
        std::vector<std::string> words;
        for (const std::string& line : lines_of(text))
            if ((line.starts_with("E: ") || line.starts_with("Err:") || line.starts_with("tar: ")) &&
                std::find(words.begin(), words.end(), line) == words.end())
                words.push_back(printable(line));
        if (words.size() > most_words) words.erase(words.begin(), words.end() - most_words);
        if (words.empty() && failed.signal != 0)
            words.push_back(fmt::format("ended by signal {}", failed.signal));
        if (!words.empty()) why += fmt::format(": {}", fmt::join(words, "; "));
        return Error(kind, fmt::format("no Python {} could be made from Debian {}: {}", suite.version,
                                       suite.suite, why))
            .hint(std::string(hint));
    };
    if (mentions(text, {"No space left on device", "don't have enough free space", "Disk quota exceeded"}))
        return error(ErrorKind::limit_exceeded, "the disk is full",
                     "make room for some 600 MB, or name a folder on another disk in PYFOPS_CACHE_DIR");
    if (mentions(text, {"newuidmap", "newgidmap", "/etc/subuid", "/etc/subgid", "unshare mode", "unshare()",
                        "unprivileged_userns", "unable to pick chroot mode"}))
        return error(ErrorKind::invalid_input, "this user may not make a root",
                     "run it as root, or install the Debian package uidmap and allow user namespaces");
    if (mentions(text,
                 {"apt-get update", "Failed to fetch", "Could not resolve", "Temporary failure resolving",
                  "Unable to fetch", "does not have a Release file", "Unable to connect", "NO_PUBKEY"}))
        return error(
            ErrorKind::unavailable, "the suite cannot be fetched",
            "see whether 'apt-get update' works on this machine, and whether its mirror has the suite");
    return error(ErrorKind::unavailable, "mmdebstrap failed", "its own words say why");
}

} // namespace pyfops::process
