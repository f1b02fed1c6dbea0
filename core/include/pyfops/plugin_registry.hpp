// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/diagnostics.hpp"
#include "pyfops/export.hpp"
#include "pyfops/provider.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct PyfopsPluginDescriptor;

namespace pyfops {

/// Where plugins are looked for, first hit wins: PYFOPS_PLUGIN_PATH (colon-separated), the build tree beside
/// the binary, the library directory of the installation.
PYFOPS_EXPORT std::vector<std::filesystem::path> plugin_search_path(const System& system);

/// A module file, by its name alone: `pyfops_<id>.so` is a provider, `pyfops_<id>_emulator.so` its face.
struct PluginFile {
    std::string id;
    bool emulator = false;
    std::filesystem::path path;
};

/// Opens a module, checks the handshake and returns its descriptor; it is never unloaded. `symbol` is
/// "pyfops_plugin" or "pyfops_emulator_face". Throws Error(plugin) with one sentence that names the file and
/// both sides of a mismatch. Thread-safe.
PYFOPS_EXPORT const PyfopsPluginDescriptor& load_plugin_module(const std::filesystem::path& file,
                                                               const char* symbol);

struct PluginDescription {
    std::string id;
    std::string version; ///< "" while it is not loaded
    std::string origin;  ///< path, or "linked in"
    std::string failure; ///< why it cannot be used, or ""
};

/// Finds providers and loads each at its first use. Used from one thread.
class PYFOPS_EXPORT PluginRegistry {
  public:
    explicit PluginRegistry(std::vector<std::filesystem::path> search_path);
    ~PluginRegistry();
    PluginRegistry(const PluginRegistry&) = delete;
    PluginRegistry& operator=(const PluginRegistry&) = delete;

    /// A provider that is linked in. Throws Error(plugin) when the id is taken, naming both origins.
    void add(std::unique_ptr<Provider> provider, std::string origin);
    /// Ids that could be had, without loading any.
    std::vector<std::string> ids() const;
    /// Loads at first use. Errors: not_found with a suggestion and the places searched; plugin.
    Provider& get(std::string_view id);
    /// Module files found for emulator faces.
    std::vector<PluginFile> emulator_faces() const;
    /// All plugins, loaded now; failures as text, duplicates included.
    std::vector<PluginDescription> load_all();

  private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace pyfops
