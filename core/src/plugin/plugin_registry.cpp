// SPDX-License-Identifier: Apache-2.0
#include "pyfops/plugin_registry.hpp"

#include "plugin/module.hpp"
#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

namespace pyfops {

namespace fs = std::filesystem;

std::vector<fs::path> plugin_search_path(const System& system) {
    std::vector<fs::path> path;
    if (const auto own = system.variable("PYFOPS_PLUGIN_PATH")) {
        std::string_view rest = *own;
        while (!rest.empty()) {
            const auto colon = std::min(rest.find(':'), rest.size());
            if (colon > 0) path.emplace_back(rest.substr(0, colon));
            rest.remove_prefix(std::min(colon + 1, rest.size()));
        }
    }
    // The same place in the build tree and in an installation: below the folder of libpyfops.
    path.push_back(library_directory() / "pyfops" / "plugins");
    return path;
}

namespace {

std::optional<PluginFile> plugin_file(const fs::path& path) {
    std::string name = path.filename().string();
    constexpr std::string_view prefix = "pyfops_", suffix = ".so", face = "_emulator";
    if (!name.starts_with(prefix) || !name.ends_with(suffix)) return std::nullopt;
    name = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
    const bool emulator = name.ends_with(face);
    if (emulator) name.resize(name.size() - face.size());
    if (name.empty()) return std::nullopt;
    return PluginFile{std::move(name), emulator, path};
}

std::vector<PluginFile> scan(const std::vector<fs::path>& directories) {
    std::vector<PluginFile> files;
    for (const fs::path& directory : directories) {
        std::error_code ignored; // a place that does not exist holds no plugins
        std::vector<fs::path> entries;
        for (const auto& entry : fs::directory_iterator(directory, ignored))
            if (entry.is_regular_file(ignored)) entries.push_back(entry.path());
        std::sort(entries.begin(), entries.end());
        for (const fs::path& entry : entries)
            if (auto file = plugin_file(entry)) files.push_back(std::move(*file));
    }
    return files;
}

using ProviderPointer = std::unique_ptr<Provider, std::function<void(Provider*)>>;

struct Entry {
    std::string version;
    std::string origin;
    ProviderPointer provider;
};

/// The module and the object it made; the module stays for good, so only the object has an owner.
Entry load_provider(const PluginFile& file) {
    const PyfopsPluginDescriptor& plugin = load_plugin_module(file.path, "pyfops_plugin");
    if (file.id != plugin.id)
        throw Error(ErrorKind::plugin, fmt::format("plugin {} calls itself '{}', but its file name says '{}'",
                                                   file.path.string(), plugin.id, file.id))
            .hint("rename the file or build it again with pyfops_add_plugin");
    PyfopsErrorText reason{};
    void* object = plugin.create(&reason);
    if (!object)
        throw Error(ErrorKind::plugin,
                    fmt::format("plugin {} cannot start: {}", file.path.string(), reason.text));
    // Whoever made it frees it.
    return {plugin.version, file.path.string(),
            ProviderPointer(static_cast<Provider*>(object), plugin.destroy)};
}

} // namespace

struct PluginRegistry::State {
    std::vector<fs::path> search_path;
    std::vector<PluginFile> files;
    std::map<std::string, Entry, std::less<>> loaded;

    const PluginFile* file(std::string_view id) const {
        for (const PluginFile& candidate : files)
            if (!candidate.emulator && candidate.id == id) return &candidate;
        return nullptr;
    }
};

PluginRegistry::PluginRegistry(std::vector<fs::path> search_path) : state_(std::make_unique<State>()) {
    state_->search_path = std::move(search_path);
    state_->files = scan(state_->search_path);
}

PluginRegistry::~PluginRegistry() = default;

void PluginRegistry::add(std::unique_ptr<Provider> provider, std::string origin) {
    const std::string id = provider->info().id;
    const auto taken = state_->loaded.find(id);
    if (taken != state_->loaded.end() || state_->file(id))
        throw Error(ErrorKind::plugin,
                    fmt::format("two providers call themselves '{}': {} and {}", id,
                                taken != state_->loaded.end() ? taken->second.origin
                                                              : state_->file(id)->path.string(),
                                origin));
    state_->loaded.emplace(id, Entry{"", std::move(origin),
                                     ProviderPointer(provider.release(), std::default_delete<Provider>())});
}

std::vector<std::string> PluginRegistry::ids() const {
    std::vector<std::string> ids;
    for (const PluginFile& file : state_->files)
        if (!file.emulator) ids.push_back(file.id);
    for (const auto& [id, entry] : state_->loaded)
        ids.push_back(id);
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    return ids;
}

Provider& PluginRegistry::get(std::string_view id) {
    if (const auto loaded = state_->loaded.find(id); loaded != state_->loaded.end())
        return *loaded->second.provider;
    const PluginFile* file = state_->file(id);
    if (!file) {
        std::vector<std::string> places;
        for (const fs::path& place : state_->search_path)
            places.push_back(place.string());
        Error error(ErrorKind::not_found, fmt::format("no provider '{}' in {}", id, fmt::join(places, ", ")));
        if (const std::string guess = nearest(id, ids()); !guess.empty())
            error.hint(fmt::format("did you mean '{}'?", guess));
        else
            error.hint("'pyfops plugins' lists what there is; PYFOPS_PLUGIN_PATH adds places");
        throw error;
    }
    return *state_->loaded.emplace(std::string(id), load_provider(*file)).first->second.provider;
}

std::vector<PluginFile> PluginRegistry::emulator_faces() const {
    std::vector<PluginFile> faces;
    for (const PluginFile& file : state_->files)
        if (file.emulator) faces.push_back(file);
    return faces;
}

std::vector<PluginDescription> PluginRegistry::load_all() {
    std::vector<PluginDescription> all;
    for (const PluginFile& file : state_->files) {
        if (file.emulator) continue;
        PluginDescription description{file.id, "", file.path.string(), ""};
        if (const PluginFile* first = state_->file(file.id); first != &file) {
            description.failure = fmt::format("hidden by {}, which has the same id", first->path.string());
        } else {
            try {
                get(file.id);
                description.version = state_->loaded.find(file.id)->second.version;
            } catch (const Error& error) {
                description.failure = error.what();
            }
        }
        all.push_back(std::move(description));
    }
    for (const auto& [id, entry] : state_->loaded)
        if (!state_->file(id)) all.push_back({id, entry.version, entry.origin, ""});
    return all;
}

} // namespace pyfops
