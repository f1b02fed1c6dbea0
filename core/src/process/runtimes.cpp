// SPDX-License-Identifier: Apache-2.0
#include "process/runtime_root.hpp"

#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/system.hpp"

#include <algorithm>
#include <cctype>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t largest_binary = 64u << 20;

std::string content(const fs::path& file) {
    try {
        return read_file(file, largest_binary);
    } catch (const Error&) {
        return {};
    }
}

std::size_t digits_at(std::string_view text, std::size_t at) {
    std::size_t end = at;
    while (end < text.size() && std::isdigit(static_cast<unsigned char>(text[end])))
        ++end;
    return end;
}

/// "3.11.2": the interpreter holds it as a string of its own. Asking it would mean to run it, which a runtime
/// root does not allow everywhere.
std::string full_version(const std::string& binary, const std::string& version) {
    const std::string wanted = std::string(1, '\0') + version + ".";
    for (std::size_t at = binary.find(wanted); at != std::string::npos; at = binary.find(wanted, at + 1)) {
        const std::size_t begin = at + wanted.size();
        const std::size_t end = digits_at(binary, begin);
        if (end > begin && end < binary.size() && binary[end] == '\0')
            return binary.substr(at + 1, end - at - 1);
    }
    return {};
}

/// Directories that hold the libraries, with Debian's and the others' layout.
std::vector<fs::path> library_directories(const fs::path& base) {
    std::vector<fs::path> all;
    for (const char* name : {"usr/lib", "lib", "usr/lib64", "lib64"}) {
        all.push_back(base / name);
        std::error_code failure;
        for (const auto& entry : fs::directory_iterator(base / name, failure))
            if (entry.path().filename().string().ends_with("-linux-gnu")) all.push_back(entry.path());
    }
    return all;
}

std::string glibc_version(const fs::path& base) {
    constexpr std::string_view words = "stable release version ";
    for (const fs::path& directory : library_directories(base)) {
        const std::string library = content(directory / "libc.so.6");
        const std::size_t at = library.find(words);
        if (at == std::string::npos) continue;
        const std::size_t begin = at + words.size();
        std::size_t end = digits_at(library, begin);
        if (end < library.size() && library[end] == '.') end = digits_at(library, end + 1);
        return library.substr(begin, end - begin);
    }
    return {};
}

/// Which interpreter it is, without what only its bytes tell.
std::optional<PythonRuntime> name_of(const fs::path& root) {
    const fs::path base = root.empty() ? fs::path("/") : root;
    const fs::path link = base / "usr/bin/python3";
    std::error_code failure;
    // "python3" is a link to "python3.11" beside it; a link out of the root would be somebody else's.
    const std::string name = fs::read_symlink(link, failure).filename().string();
    const std::string prefix = "python";
    if (failure || !name.starts_with(prefix + "3.")) return std::nullopt;
    PythonRuntime runtime;
    runtime.version = name.substr(prefix.size());
    runtime.root = root;
    runtime.executable = fs::path("/usr/bin") / name;
    runtime.suite = root.filename().string();
    if (!fs::exists(base / "usr/bin" / name, failure)) return std::nullopt;
    return runtime;
}

} // namespace

namespace process {

std::optional<PythonRuntime> look_at_root(const fs::path& root) {
    auto found = name_of(root);
    if (!found) return found;
    PythonRuntime& runtime = *found;
    const fs::path base = root.empty() ? fs::path("/") : root;
    runtime.full_version =
        full_version(content(base / "usr/bin" / runtime.executable.filename()), runtime.version);
    for (const fs::path& directory : library_directories(base)) {
        if (!runtime.full_version.empty()) break;
        runtime.full_version =
            full_version(content(directory / ("libpython" + runtime.version + ".so.1.0")), runtime.version);
    }
    if (runtime.full_version.empty()) runtime.full_version = runtime.version;
    runtime.glibc = glibc_version(base);
    return found;
}

fs::path record_of(const fs::path& root) {
    return root.string() + ".json";
}

void write_record(const PythonRuntime& runtime) {
    write_file(record_of(runtime.root), pretty_json(json::object{{"version", runtime.version},
                                                                 {"full_version", runtime.full_version},
                                                                 {"glibc", runtime.glibc},
                                                                 {"suite", runtime.suite},
                                                                 {"bytes", runtime.bytes}}) +
                                            "\n");
}

std::optional<PythonRuntime> known_root(const fs::path& root) {
    auto found = name_of(root);
    if (!found) return found;
    const std::string text = content(record_of(root));
    if (text.empty()) return look_at_root(root);
    try {
        const json::value record = parse_json(text, "the record of a runtime");
        if (string_or(record, "version") != found->version) return look_at_root(root);
        found->full_version = string_or(record, "full_version");
        found->glibc = string_or(record, "glibc");
        found->bytes = static_cast<std::size_t>(integer_or(record, "bytes"));
    } catch (const Error&) {
        return look_at_root(root);
    }
    return found;
}

} // namespace process

std::vector<PythonRuntime> python_runtimes(const fs::path& cache) {
    std::vector<PythonRuntime> all;
    if (auto host = process::look_at_root({})) all.push_back(std::move(*host));
    std::vector<fs::path> roots;
    std::error_code failure;
    // What is not a finished root has a name with a dot: records, locks, roots that are still being made.
    for (const auto& entry : fs::directory_iterator(cache / "runtimes", failure))
        if (entry.path().filename().string().find('.') == std::string::npos) roots.push_back(entry.path());
    std::sort(roots.begin(), roots.end());
    for (const fs::path& root : roots)
        if (auto runtime = process::known_root(root)) all.push_back(std::move(*runtime));
    return all;
}

std::optional<PythonRuntime> choose_runtime(const std::vector<PythonRuntime>& runtimes,
                                            std::string_view version) {
    for (const PythonRuntime& runtime : runtimes)
        if (runtime.version == version) return runtime;
    for (const PythonRuntime& runtime : runtimes)
        if (runtime.root.empty()) return runtime;
    if (runtimes.empty()) return std::nullopt;
    return runtimes.front();
}

} // namespace pyfops
