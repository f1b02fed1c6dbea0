// SPDX-License-Identifier: Apache-2.0
// The only user of Boost.DLL.
#include "plugin/module.hpp"

#include "pyfops/error.hpp"
#include "pyfops/plugin.hpp"
#include "pyfops/plugin_registry.hpp"

#include <boost/dll/runtime_symbol_info.hpp>
#include <boost/dll/shared_library.hpp>
#include <fmt/format.h>

#include <cstring>
#include <map>
#include <mutex>
#include <string>

namespace pyfops {

namespace fs = std::filesystem;

fs::path library_directory() {
    // The executable's answer would be that of an embedder.
    return fs::weakly_canonical(boost::dll::this_line_location()).parent_path();
}

namespace {

/// Modules are never unloaded: exceptions, coroutine frames and thread-local data of theirs may outlive
/// any owner we could name.
struct Modules {
    std::mutex mutex;
    std::map<fs::path, boost::dll::shared_library> open;
};

Modules& modules() {
    static auto* instance = new Modules;
    return *instance;
}

[[noreturn]] void refuse(const fs::path& file, const std::string& why, const std::string& hint) {
    throw Error(ErrorKind::plugin, fmt::format("plugin {} cannot be used: {}", file.string(), why))
        .hint(hint);
}

void check(const fs::path& file, const PyfopsPluginDescriptor& plugin) {
    const char* again = "build the plugin again against this pyfOps";
    if (plugin.magic != PYFOPS_PLUGIN_MAGIC) refuse(file, "it does not begin with pyfOps' mark", again);
    if (plugin.abi_version != PYFOPS_ABI_VERSION)
        refuse(file,
               fmt::format("it was built for plugin ABI {}, this pyfOps has ABI {}", plugin.abi_version,
                           PYFOPS_ABI_VERSION),
               again);
    if (plugin.struct_size < sizeof(PyfopsPluginDescriptor))
        refuse(file,
               fmt::format("its descriptor has {} bytes, this pyfOps expects {}", plugin.struct_size,
                           sizeof(PyfopsPluginDescriptor)),
               again);
    if (!plugin.build || std::strcmp(plugin.build, PYFOPS_BUILD_FINGERPRINT) != 0)
        refuse(file,
               fmt::format("it was built as \"{}\", this pyfOps as \"{}\"", plugin.build ? plugin.build : "?",
                           PYFOPS_BUILD_FINGERPRINT),
               "use the same compiler, standard library and Boost for both");
    if (!plugin.id || !plugin.version || !plugin.create || !plugin.destroy)
        refuse(file, "its descriptor is incomplete", "end it with PYFOPS_PLUGIN(Class, \"id\", \"version\")");
}

} // namespace

const PyfopsPluginDescriptor& load_plugin_module(const fs::path& file, const char* symbol) {
    Modules& all = modules();
    const std::lock_guard lock(all.mutex);
    const fs::path path = fs::weakly_canonical(file);
    auto found = all.open.find(path);
    if (found == all.open.end()) {
        try {
            // rtld_now: a missing symbol is a sentence here instead of a crash later.
            boost::dll::shared_library library(path, boost::dll::load_mode::rtld_now);
            found = all.open.emplace(path, std::move(library)).first;
        } catch (const std::exception& failure) {
            refuse(file, failure.what(), "'ldd' and 'nm -D' on the file show what is missing");
        }
    }
    if (!found->second.has(symbol))
        refuse(file, fmt::format("it has no symbol '{}'", symbol),
               "end it with PYFOPS_PLUGIN(Class, \"id\", \"version\")");
    const auto& plugin = found->second.get<const PyfopsPluginDescriptor>(symbol);
    check(file, plugin);
    return plugin;
}

} // namespace pyfops
