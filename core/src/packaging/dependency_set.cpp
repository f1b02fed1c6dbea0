// SPDX-License-Identifier: Apache-2.0
// The second half of DependencyInstaller: from resolved packages to one packed set.
#include "base/file_lock.hpp"
#include "packaging/deflate.hpp"
#include "packaging/dependencies.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/refusals.hpp"
#include "packaging/set_file.hpp"
#include "packaging/tree_hash.hpp"
#include "packaging/wheel.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <thread>

namespace pyfops::packaging {
namespace {

namespace fs = std::filesystem;

std::string key_of(const std::vector<LockedPackage>& packages) {
    Sha256 hash;
    hash.update(deflate_identity());
    for (const LockedPackage& one : packages)
        hash.update("\n").update(one.wheel).update(" ").update(one.sdist).update(" ").update(one.sha256);
    return hex(hash.finish()).substr(0, 32);
}

std::string locked_name(const json::value& package) {
    return fmt::format("'{}' {} of pyfops.lock", string_or(package, "name"), string_or(package, "version"));
}

} // namespace

Task<std::shared_ptr<const DependencySet>>
DependencyInstaller::set_of(Packages packages, const DependencyRequest& request, StageContext& context) {
    // A lock may come from anywhere.
    for (const LockedPackage& one : packages)
        if (const std::string why = why_incompatible(parse_wheel_name(one.wheel), request.platform);
            !why.empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("the runtime ({}) cannot load '{}': {}", platform_name(request.platform),
                                    one.wheel, why))
                .hint("resolve anew with 'pyfops package --update'");

    const std::string key = key_of(packages);
    std::shared_ptr<const DependencySet> set = sets_[key].lock();
    if (set) co_return set;
    const fs::path file = cache_.set(key);
    Task<void> reading = context.host.workers.run([&set, &file] { set = read_set(file); });
    co_await std::move(reading);
    if (!set) {
        Task<FileLock> waiting = FileLock::acquire(cache_.locks() / ("set-" + key), context);
        const FileLock lock = co_await std::move(waiting);
        Task<void> again = context.host.workers.run([&set, &file] { set = read_set(file); });
        co_await std::move(again);
        if (!set) {
            Task<void> fetching = fetch_locked(packages, request, context);
            co_await std::move(fetching);
            context.progress(Stage::package,
                             fmt::format("compressing {} dependencies (once)", packages.size()));
            std::vector<std::string> notices;
            Task<void> making = context.host.workers.run([this, &set, &packages, &notices, &file] {
                set = assemble(packages, notices);
                write_file(file, encode_set(*set));
            });
            co_await std::move(making);
            for (const std::string& notice : notices)
                context.host.observer.on(Notice{context.subject, notice});
        }
    }
    sets_[key] = set;
    co_return set;
}

Task<void> DependencyInstaller::fetch_locked(const Packages& packages, const DependencyRequest& request,
                                             StageContext& context) {
    json::array missing;
    for (const LockedPackage& one : packages) {
        if (one.sdist.empty()) {
            bool there = false;
            const fs::path file = cache_.download(one.sha256, one.wheel);
            Task<void> looking = context.host.workers.run(
                [&there, &file, &one] { there = read_checked(file, one.sha256).has_value(); });
            co_await std::move(looking);
            if (!there)
                missing.push_back(json::object{{"name", one.name},
                                               {"version", one.version},
                                               {"file", one.wheel},
                                               {"sha256", one.sha256}});
        } else if (!fs::exists(cache_.built(one.sha256) / one.wheel)) {
            Task<LockedPackage> building =
                build_sdist({one.name, one.version}, one.sdist, one.sha256, request, context);
            const LockedPackage built = co_await std::move(building);
            if (built.wheel != one.wheel)
                throw Error(ErrorKind::invalid_input,
                            fmt::format("building '{}' gives '{}', but pyfops.lock names '{}'", one.sdist,
                                        built.wheel, one.wheel))
                    .hint("resolve anew with 'pyfops package --update'");
        }
    }
    if (missing.empty()) co_return;
    Task<void> requiring = require_tools(locked_name(missing.front()), context);
    co_await std::move(requiring);
    context.progress(Stage::package, fmt::format("fetching {} wheels", missing.size()));
    Task<json::value> asking = tools_.ask({{"do", "wheels"},
                                           {"options", json::array()},
                                           {"requirements", request.requirements.string()},
                                           {"tags", tags_of(request.platform)},
                                           {"folder", cache_.downloads().string()},
                                           {"packages", std::move(missing)}},
                                          request.requirements.parent_path(), context);
    const json::value answer = co_await std::move(asking);
    for (const json::value& one : answer.at("packages").as_array()) {
        const std::string who = locked_name(one);
        if (const std::string why = string_or(one, "unreachable"); !why.empty()) throw unreachable(who, why);
        if (const std::string why = string_or(one, "damaged"); !why.empty())
            throw Error(ErrorKind::unavailable, fmt::format("{}: {}", who, why)).hint("try again");
        if (pyfops::find(one, "changed"))
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{}: the package index offers '{}' with another hash", who,
                                    string_or(one, "changed")))
                .hint("find out why it changed; 'pyfops package --update' accepts the new one");
        if (string_or(one, "file").empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{}: the package index does not offer that wheel (any more)", who))
                .hint("resolve anew with 'pyfops package --update'");
    }
}

std::shared_ptr<const DependencySet> DependencyInstaller::assemble(const Packages& packages,
                                                                   std::vector<std::string>& notices) const {
    SourceTree tree;
    std::map<std::string, std::size_t> owners;
    auto set = std::make_shared<DependencySet>();
    for (const LockedPackage& one : packages) {
        const bool built = !one.sdist.empty();
        const fs::path file =
            (built ? cache_.built(one.sha256) : cache_.downloads() / one.sha256) / one.wheel;
        const WheelName name = parse_wheel_name(one.wheel);
        std::string archive = read_file(file, std::size_t{2} << 30);
        const std::string digest = sha256_hex(archive);
        if (!built && digest != one.sha256)
            throw Error(ErrorKind::invalid_input, fmt::format("the cached wheel '{}' is damaged", one.wheel))
                .hint("try again");
        const SourceTree content = install_wheel(archive, name, built);
        Distribution distribution{one.name, one.version, one.wheel, built ? digest : one.sha256, 0, built};
        for (const auto& [path, entry] : content.files()) {
            if (const SourceFile* other = tree.find(path)) {
                if (other->content.view() != entry.content.view())
                    notices.push_back(
                        fmt::format("'{}' is in '{}' and in '{}' and differs; the first is packaged", path,
                                    set->distributions[owners[path]].name, one.name));
                continue;
            }
            distribution.bytes += entry.content.size();
            owners[path] = set->distributions.size();
            tree.add(path, entry);
        }
        set->distributions.push_back(std::move(distribution));
    }
    set->files = pack_tree(tree, std::thread::hardware_concurrency());
    TreeHash hash;
    for (auto& [path, file] : set->files) {
        file.distribution = owners[path];
        hash.add(path, file.executable, file.sha256);
        set->total_bytes += file.size;
    }
    set->content_hash = hash.finish();
    return set;
}

} // namespace pyfops::packaging
