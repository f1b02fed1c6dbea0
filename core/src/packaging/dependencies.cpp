// SPDX-License-Identifier: Apache-2.0
#include "packaging/dependencies.hpp"

#include "base/file_lock.hpp"
#include "packaging/python_tags.hpp"
#include "packaging/refusals.hpp"
#include "packaging/set_file.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pyfops::packaging {
namespace {

namespace fs = std::filesystem;

constexpr int max_rounds = 50;

/// How the lock names the requirements: the file relative to itself, so that it is the same on every machine,
/// and what a provider wants beside it, since other providers want the file alone.
std::string lock_name(const DependencyRequest& request) {
    std::string name;
    if (!request.requirements.empty())
        name = request.requirements.lexically_relative(request.lock_file.parent_path()).generic_string();
    for (const std::string& one : request.extra)
        name += (name.empty() ? "" : " + ") + one;
    return name;
}

Task<Resolution> resolve_with(Resolver resolver, PythonTools& tools, ResolveRequest request,
                              StageContext& context) {
    return resolver == Resolver::uv ? resolve_with_uv(tools, std::move(request), context)
                                    : resolve_with_pip(tools, std::move(request), context);
}

} // namespace

json::array tags_of(const PythonPlatform& platform) {
    json::array tags;
    for (const std::string& tag : compatible_tags(platform))
        tags.emplace_back(tag);
    return tags;
}

Task<std::shared_ptr<const DependencySet>> DependencyInstaller::install(DependencyRequest request,
                                                                        StageContext& context) {
    platform_name(request.platform); // refuses what is not a platform
    Requirements requirements;
    std::optional<Packages> locked;
    const std::string section = lock_name(request);
    std::optional<ScratchFolder> nothing; // the tools want a file
    Task<void> reading =
        context.host.workers.run([this, &requirements, &locked, &request, &section, &nothing] {
            requirements = read_requirements(request.requirements, request.label, request.extra);
            if (request.requirements.empty()) {
                nothing.emplace(cache_.scratch());
                request.requirements = nothing->path() / "requirements.txt";
                write_file(request.requirements, "");
            }
            if (request.lock_file.empty() || request.update) return;
            const LockFile lock = LockFile::read(request.lock_file);
            const Packages* found = lock.find(section, requirements.hash, platform_name(request.platform));
            if (found) locked = *found;
        });
    co_await std::move(reading);

    Packages packages;
    if (locked) {
        packages = std::move(*locked);
    } else if (!requirements.all.empty()) {
        Task<Packages> resolving = resolve(request, requirements, context);
        packages = co_await std::move(resolving);
    }
    Task<std::shared_ptr<const DependencySet>> making = set_of(packages, request, context);
    const std::shared_ptr<const DependencySet> set = co_await std::move(making);
    // Last: what is in the lock has been seen to work.
    if (!locked && !request.lock_file.empty()) {
        Task<void> writing = context.host.workers.run([&request, &requirements, &packages, &section] {
            update_lock_file(request.lock_file, section, requirements.hash, platform_name(request.platform),
                             packages);
        });
        co_await std::move(writing);
    }
    co_return set;
}

Task<DependencyInstaller::Packages> DependencyInstaller::resolve(const DependencyRequest& request,
                                                                 const Requirements& requirements,
                                                                 StageContext& context) {
    const Requirement& first = requirements.all.front();
    Task<void> requiring = require_tools(named(requirements, request.label, first.name), context);
    co_await std::move(requiring);
    context.progress(Stage::package,
                     fmt::format("resolving {} for {}", request.label, platform_name(request.platform)));
    const ScratchFolder scratch(cache_.scratch());
    const fs::path local = scratch.path() / "wheels"; // of the source distributions that were built
    std::map<std::string, LockedPackage> built;
    std::map<std::string, std::vector<std::string>> excluded;
    std::map<std::string, Error> refused;
    for (int round = 0; round < max_rounds; ++round) {
        ResolveRequest question{request.requirements, request.platform, local, excluded,
                                scratch.path(),       request.extra};
        Task<Resolution> resolving = resolve_with(request.resolver, tools_, std::move(question), context);
        const Resolution resolution = co_await std::move(resolving);
        if (const auto& failure = resolution.failure) {
            // Without the versions that the runtime cannot load nothing is left: that is the reason to tell.
            if (failure->why != Unresolved::Why::unreachable && !refused.empty()) {
                const auto same = refused.find(failure->name);
                throw same != refused.end() ? same->second : refused.begin()->second;
            }
            if (built.contains(failure->name)) throw conflict(requirements, request.label, *failure);
            Task<LockedPackage> repairing = repair(*failure, request, requirements, context);
            LockedPackage made = co_await std::move(repairing);
            fs::create_directories(local);
            fs::copy_file(cache_.built(made.sha256) / made.wheel, local / made.wheel,
                          fs::copy_options::overwrite_existing);
            built.insert_or_assign(made.name, std::move(made));
            continue;
        }
        Packages packages;
        std::vector<Pin> wanted;
        for (const Pin& pin : resolution.pins) {
            const auto made = built.find(pin.name);
            if (made != built.end() && made->second.version == pin.version)
                packages.push_back(made->second);
            else
                wanted.push_back(pin);
        }
        const std::size_t refusals = refused.size();
        Task<Packages> fetching = fetch(std::move(wanted), request, requirements, excluded, refused, context);
        const Packages fetched = co_await std::move(fetching);
        if (refused.size() > refusals) continue;
        packages.insert(packages.end(), fetched.begin(), fetched.end());
        std::ranges::sort(packages, {}, &LockedPackage::name);
        co_return packages;
    }
    throw Error(ErrorKind::invalid_input,
                fmt::format("{} needs more than {} rounds to resolve", request.label, max_rounds))
        .hint("pin the versions that the function needs");
}

Task<DependencyInstaller::Packages>
DependencyInstaller::fetch(std::vector<Pin> pins, const DependencyRequest& request,
                           const Requirements& requirements,
                           std::map<std::string, std::vector<std::string>>& excluded,
                           std::map<std::string, Error>& refused, StageContext& context) {
    Packages packages;
    if (pins.empty()) co_return packages;
    json::array wanted;
    for (const Pin& pin : pins)
        wanted.push_back(json::object{{"name", pin.name}, {"version", pin.version}});
    context.progress(Stage::package, fmt::format("fetching {} wheels", pins.size()));
    Task<json::value> asking = tools_.ask({{"do", "wheels"},
                                           {"options", json::array()},
                                           {"requirements", request.requirements.string()},
                                           {"tags", tags_of(request.platform)},
                                           {"folder", cache_.downloads().string()},
                                           {"packages", std::move(wanted)}},
                                          request.requirements.parent_path(), context);
    const json::value answer = co_await std::move(asking);
    for (const json::value& one : answer.at("packages").as_array()) {
        const std::string name = string_or(one, "name"), version = string_or(one, "version");
        const std::string who = named(requirements, request.label, name);
        if (const std::string why = string_or(one, "unreachable"); !why.empty()) throw unreachable(who, why);
        if (const std::string why = string_or(one, "damaged"); !why.empty())
            throw Error(ErrorKind::unavailable, fmt::format("{}: {}", who, why)).hint("try again");
        if (const std::string file = string_or(one, "file"); !file.empty()) {
            packages.push_back({name, version, file, "", string_or(one, "sha256")});
            continue;
        }
        auto refusal = no_usable_wheel(who, version, one.at("files").as_array(), request.platform);
        if (!refusal)
            refusal = Error(ErrorKind::invalid_input,
                            fmt::format("{}: the package index has no wheel of version {}", who, version));
        refused.insert_or_assign(name, std::move(*refusal));
        std::vector<std::string>& versions = excluded[name];
        for (const json::value& unusable : one.at("unusable").as_array())
            versions.emplace_back(unusable.as_string());
        if (std::ranges::find(versions, version) == versions.end()) versions.push_back(version);
    }
    co_return packages;
}

Task<LockedPackage> DependencyInstaller::repair(const Unresolved& failure, const DependencyRequest& request,
                                                const Requirements& requirements, StageContext& context) {
    const std::string who = named(requirements, request.label, failure.name);
    if (failure.why == Unresolved::Why::unreachable) throw unreachable(who, failure.detail);
    if (failure.why == Unresolved::Why::conflict) throw conflict(requirements, request.label, failure);

    const Requirement* direct = requirements.find(failure.name);
    Task<json::value> asking = tools_.ask({{"do", "list"},
                                           {"name", failure.name},
                                           {"version", failure.version},
                                           {"requirement", direct ? direct->text : std::string()},
                                           {"python", request.platform.python},
                                           {"options", json::array()},
                                           {"requirements", request.requirements.string()}},
                                          request.requirements.parent_path(), context);
    const json::value listing = co_await std::move(asking);
    const json::array& versions = listing.at("versions").as_array();
    const std::string why = string_or(listing, "unreachable");
    if (!listing.at("known").as_bool()) {
        if (!why.empty()) throw unreachable(who, why);
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{}: the package index knows no '{}'", who, failure.name))
            .hint("see whether the name is spelled right");
    }
    if (versions.empty()) throw conflict(requirements, request.label, failure);
    const json::value& newest = versions.front();
    const std::string version = string_or(newest, "version");
    const json::array& files = newest.at("files").as_array();
    bool native_wheels = false, fits_python = false;
    std::string sdist;
    for (const json::value& file : files) {
        const std::string name = string_or(file, "file");
        fits_python = fits_python || file.at("python").as_bool();
        if (!name.ends_with(".whl"))
            sdist = name;
        else if (!parse_wheel_name(name).pure())
            native_wheels = true;
        else if (why_incompatible(parse_wheel_name(name), request.platform).empty() &&
                 file.at("python").as_bool())
            throw conflict(requirements, request.label, failure); // it has one: something else is wrong
    }
    if (!fits_python)
        throw Error(ErrorKind::invalid_input, fmt::format("{}: version {} does not run on Python {}", who,
                                                          version, request.platform.python))
            .hint("require another version, or choose another Python");
    if (native_wheels || sdist.empty()) {
        auto refusal = no_usable_wheel(who, version, files, request.platform);
        throw refusal ? *refusal : conflict(requirements, request.label, failure);
    }
    Task<LockedPackage> building = build_sdist({failure.name, version}, sdist, "", request, context);
    std::optional<Error> failed;
    LockedPackage made;
    try {
        made = co_await std::move(building);
    } catch (const Error& error) {
        failed = error;
    }
    if (failed) throw Error(*failed).context(who);
    co_return made;
}

Task<void> DependencyInstaller::require_tools(std::string who, StageContext& context) {
    std::optional<Error> failed;
    try {
        Task<fs::path> making = tools_.folder(context);
        co_await std::move(making);
    } catch (const Error& error) {
        failed = error;
    }
    if (failed) throw Error(*failed).context(std::move(who));
}

Task<LockedPackage> DependencyInstaller::build_sdist(Pin pin, std::string file, std::string sha256,
                                                     const DependencyRequest& request,
                                                     StageContext& context) {
    const Resolver resolver = request.resolver;
    BuildEnvironment environment = [this, resolver, &context](std::vector<std::string> needed,
                                                              PythonPlatform platform) {
        return build_environment(std::move(needed), std::move(platform), resolver, context);
    };
    return sdists_.build(std::move(pin), std::move(file), std::move(sha256), request.requirements,
                         std::move(environment), context);
}

Task<std::vector<fs::path>> DependencyInstaller::build_environment(std::vector<std::string> needed,
                                                                   PythonPlatform platform, Resolver resolver,
                                                                   StageContext& context) {
    const ScratchFolder scratch(cache_.scratch());
    DependencyRequest request;
    request.requirements = scratch.path() / "build-requirements.txt";
    request.label = "its build requirements";
    request.platform = std::move(platform);
    request.resolver = resolver;
    write_file(request.requirements, fmt::format("{}\n", fmt::join(needed, "\n")));
    const Requirements requirements = read_requirements(request.requirements, request.label);
    Resolution resolution;
    if (!requirements.all.empty()) {
        ResolveRequest question{request.requirements, request.platform, {}, {}, scratch.path()};
        Task<Resolution> resolving = resolve_with(resolver, tools_, std::move(question), context);
        resolution = co_await std::move(resolving);
    }
    if (const auto& failure = resolution.failure) {
        if (failure->why == Unresolved::Why::unreachable)
            throw unreachable(named(requirements, request.label, failure->name), failure->detail);
        throw conflict(requirements, request.label, *failure);
    }
    std::map<std::string, std::vector<std::string>> excluded;
    std::map<std::string, Error> refused;
    Task<Packages> fetching = fetch(resolution.pins, request, requirements, excluded, refused, context);
    const Packages packages = co_await std::move(fetching);
    if (!refused.empty()) throw refused.begin()->second;
    std::vector<fs::path> wheels;
    for (const LockedPackage& one : packages)
        wheels.push_back(cache_.download(one.sha256, one.wheel));
    co_return wheels;
}

} // namespace pyfops::packaging
