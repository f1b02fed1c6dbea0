// SPDX-License-Identifier: Apache-2.0
#include "packaging/wheel.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"

#include <fmt/format.h>

#include <optional>

namespace pyfops::packaging {
namespace {

constexpr std::size_t max_unpacked = std::size_t{2} << 30;

bool has_part(std::string_view path, std::string_view part) {
    for (;;) {
        const std::size_t slash = path.find('/');
        if (path.substr(0, slash) == part) return true;
        if (slash == std::string_view::npos) return false;
        path.remove_prefix(slash + 1);
    }
}

/// Where a file of the wheel goes below site-packages; none: nowhere.
std::optional<std::string> destination(const std::string& path, const std::string& data,
                                       const std::string& info) {
    if (path.ends_with(".pyc") || path.ends_with(".pyo") || has_part(path, "__pycache__"))
        return std::nullopt;
    if (path.starts_with(info)) {
        // RECORD is written anew, the others say who installed it from where.
        for (const char* name :
             {"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED", "direct_url.json"})
            if (path == info + name) return std::nullopt;
        return path;
    }
    if (!path.starts_with(data)) return path;
    const std::string rest = path.substr(data.size());
    for (const std::string_view scheme : {"purelib/", "platlib/"})
        if (rest.starts_with(scheme)) return rest.substr(scheme.size());
    // pip's --target puts the data scheme beside the packages as well.
    if (rest.starts_with("data/") && !rest.starts_with("data/bin/")) return rest.substr(5);
    return std::nullopt; // scripts and headers: nothing a function could import
}

std::string without_generator(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        if (!text.starts_with("Generator:")) out += text.substr(0, end);
        text.remove_prefix(end);
    }
    return out;
}

std::string csv(const std::string& field) {
    if (field.find_first_of(",\"") == std::string::npos) return field;
    std::string out = "\"";
    for (const char c : field)
        out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

} // namespace

SourceTree install_wheel(std::string_view archive, const WheelName& name, bool built) {
    try {
        const SourceTree content = read_zip(archive, max_unpacked);
        std::string info;
        for (const auto& [path, file] : content.files()) {
            const std::size_t slash = path.find('/');
            const std::string_view top = std::string_view(path).substr(0, slash);
            if (slash == std::string::npos || !top.ends_with(".dist-info") ||
                path != std::string(top) + "/WHEEL")
                continue;
            if (!info.empty()) throw Error(ErrorKind::invalid_input, "it holds more than one distribution");
            info = std::string(top) + "/";
        }
        if (info.empty() || !content.find(info + "METADATA"))
            throw Error(ErrorKind::invalid_input, "it has no WHEEL and METADATA below a .dist-info folder");
        const std::string stem = info.substr(0, info.size() - std::string_view(".dist-info/").size());
        if (normalise_name(stem.substr(0, stem.rfind('-'))) != name.distribution)
            throw Error(ErrorKind::invalid_input, fmt::format("it holds '{}'", stem));

        SourceTree tree;
        std::string record;
        for (const auto& [path, file] : content.files()) {
            const auto target = destination(path, stem + ".data/", info);
            if (!target) continue;
            if (built && path == info + "WHEEL")
                tree.add(*target, {without_generator(file.content.view()), file.executable});
            else
                tree.add(*target, file);
        }
        for (const auto& [path, file] : tree.files())
            record += fmt::format("{},sha256={},{}\n", csv(path), base64url(sha256(file.content.view())),
                                  file.content.size());
        record += csv(info + "RECORD") + ",,\n";
        tree.add(info + "RECORD", {std::move(record)});
        return tree;
    } catch (const Error& failure) {
        throw Error(failure).context(fmt::format("unpacking the wheel '{}'", name.file));
    }
}

} // namespace pyfops::packaging
