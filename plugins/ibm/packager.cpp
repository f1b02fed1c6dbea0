// SPDX-License-Identifier: Apache-2.0
#include "packager.hpp"

#include "catalog.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops_ibm_provider_embedded.hpp"
#include "settings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::ibm {
namespace {

constexpr std::string_view placeholder = "{{package}}";
constexpr std::string_view data_prefix = "data:text/plain;base64,";

/// Wheels that hold compiled code, by their platform tag.
std::vector<std::string> compiled(const DependencySet& set) {
    std::vector<std::string> wheels;
    for (const Distribution& one : set.distributions)
        if (!one.wheel.ends_with("-any.whl")) wheels.push_back(one.wheel);
    return wheels;
}

/// The versions that were resolved here, for pip on the side of Code Engine.
std::string pinned(const DependencySet& set) {
    std::string text = "# Written by pyfOps: what pyfops.lock holds.\n";
    for (const Distribution& one : set.distributions)
        text += one.name + "==" + one.version + "\n";
    return text;
}

std::string biggest(const Package& package) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(package.shares.size(), 3); ++i)
        text += fmt::format("{}{} ({} kB)", i ? ", " : "", package.shares[i].name,
                            (package.shares[i].bytes + 999) / 1000);
    return text;
}

Error needs_build(ErrorKind kind, std::string why) {
    return Error(kind, std::move(why))
        .hint("let Code Engine build it: put the archive of 'pyfops package --output' into a git repository "
              "and "
              "set providers.ibm.build, or use fewer dependencies");
}

} // namespace

std::string base85(std::string_view bytes) {
    static constexpr std::string_view alphabet =
        "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    std::string text;
    text.reserve(bytes.size() / 4 * 5 + 5);
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        const std::size_t count = std::min<std::size_t>(4, bytes.size() - at);
        std::uint32_t word = 0;
        for (std::size_t i = 0; i < 4; ++i)
            word = word << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0u);
        char digits[5];
        for (int i = 4; i >= 0; --i, word /= 85)
            digits[i] = alphabet[word % 85];
        text.append(digits, count + 1);
    }
    return text;
}

std::string self_unpacking_module(std::string_view zip) {
    std::string text(wrapper_files::text("unpack.py"));
    text.replace(text.find(placeholder), placeholder.size(), base85(zip));
    return text;
}

std::size_t inline_size(std::size_t module_bytes) {
    return data_prefix.size() + (module_bytes + 2) / 3 * 4;
}

IbmPackager::IbmPackager() : zip_(openwhisk_catalog()) {}

Task<Package> IbmPackager::package(const PackageRequest& request, StageContext& context) {
    Task<Package> packaging =
        is_openwhisk(request.settings) ? zip_.package(request, context) : code_engine(request, context);
    co_return co_await std::move(packaging);
}

Task<Package> IbmPackager::code_engine(const PackageRequest& request, StageContext& context) {
    const std::string& name = request.function.name;
    const bool can_build = read_settings(request.settings).build.configured();
    std::shared_ptr<const DependencySet> set;
    if (!request.dependencies.requirements.empty()) {
        DependencyRequest wanted = request.dependencies;
        wanted.platform = platform_of(request.target);
        auto resolving = context.host.packages.dependencies(std::move(wanted), context);
        set = co_await std::move(resolving);
    }
    const std::vector<std::string> wheels = set ? compiled(*set) : std::vector<std::string>{};
    if (!wheels.empty() && !can_build)
        throw needs_build(ErrorKind::invalid_input,
                          "'" + name + "' needs " + wheels.front() +
                              ", compiled code, which cannot be sent to Code Engine as source text");
    if (wheels.empty()) {
        BuildRequest build;
        build.tree = request.wrapped;
        build.dependencies = set;
        Task<Package> building = context.host.packages.build(std::move(build), context);
        Package package = co_await std::move(building);
        std::string module = self_unpacking_module(package.archive.view());
        const std::size_t size = inline_size(module.size());
        if (size <= inline_bytes) {
            package.archive_sha256 = sha256(module);
            package.archive = Bytes(std::move(module));
            package.suffix = ".py";
            co_return package;
        }
        if (!can_build)
            throw needs_build(ErrorKind::limit_exceeded,
                              fmt::format("the code of '{}' has {} bytes as Code Engine takes it (base64), "
                                          "{} at most can be sent; biggest: {}",
                                          name, size, inline_bytes, biggest(package)));
    }
    BuildRequest bundle;
    bundle.tree = request.wrapped;
    if (set) bundle.tree.add("requirements.txt", {.content = pinned(*set)});
    bundle.limits.max_zipped = catalog().limits.zip_bytes;
    Task<Package> bundling = context.host.packages.build(std::move(bundle), context);
    Package package = co_await std::move(bundling);
    if (set) package.distributions = set->distributions;
    co_return package;
}

} // namespace pyfops::ibm
