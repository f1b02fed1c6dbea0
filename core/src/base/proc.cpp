// SPDX-License-Identifier: Apache-2.0
#include "base/proc.hpp"

#include "base/descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <sstream>

namespace pyfops::proc {

namespace {

std::string path_of(int pid, const char* file) {
    return "/proc/" + std::to_string(pid) + "/" + file;
}

} // namespace

std::string read_text(const std::filesystem::path& file) {
    const Descriptor fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return {};
    std::string text;
    char buffer[8192];
    for (;;) {
        const ssize_t got = ::read(fd.get(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return text;
        text.append(buffer, static_cast<std::size_t>(got));
    }
}

std::optional<unsigned long long> start_time(int pid) {
    const std::string text = read_text(path_of(pid, "stat"));
    // The name in parentheses may hold anything; field 22 is the 20th after it.
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return std::nullopt;
    std::istringstream in(text.substr(name_end + 1));
    std::string skip;
    for (int field = 3; field < 22; ++field)
        in >> skip;
    unsigned long long ticks = 0;
    if (!(in >> ticks)) return std::nullopt;
    return ticks;
}

std::vector<int> descendants(int pid) {
    std::vector<int> all;
    const auto add_children = [&all](int parent) {
        std::error_code failure;
        for (const auto& thread : std::filesystem::directory_iterator(path_of(parent, "task"), failure)) {
            std::istringstream in(read_text(thread.path() / "children"));
            for (int child = 0; in >> child;)
                all.push_back(child);
        }
    };
    add_children(pid);
    // Bounded: a process that ends meanwhile may let its number appear again.
    for (std::size_t i = 0; i < all.size() && i < 65536; ++i)
        add_children(all[i]);
    return all;
}

std::size_t resident_bytes(int pid) {
    unsigned long size = 0, resident = 0;
    if (std::sscanf(read_text(path_of(pid, "statm")).c_str(), "%lu %lu", &size, &resident) != 2) return 0;
    return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

std::size_t proportional_bytes(int pid) {
    const std::string text = read_text(path_of(pid, "smaps_rollup"));
    const std::size_t at = text.find("\nPss:");
    unsigned long kilobytes = 0;
    if (at == std::string::npos || std::sscanf(text.c_str() + at, "\nPss: %lu", &kilobytes) != 1)
        return resident_bytes(pid);
    return std::size_t{kilobytes} * 1024;
}

} // namespace pyfops::proc
