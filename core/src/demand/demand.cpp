// SPDX-License-Identifier: Apache-2.0
// Rows of functiondeployment become the deployments of a project.
#include "pyfops/demand.hpp"

#include "base/first_error.hpp"
#include "config/reader.hpp"
#include "demand/folder_function.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/project.hpp"
#include "pyfops/selection.hpp"
#include "pyfops/store.hpp"
#include "pyfops/text.hpp"
#include "pyfops/utf8.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <memory>
#include <utility>

namespace pyfops {

using config::in_quotes;

namespace {

/// Names as people compare them: "bwa-split", "bwaSplit" and "BWA_split" are one.
std::string bare(std::string_view name) {
    std::string letters;
    for (const char c : lower_case(name))
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80)
            letters += c;
    return letters;
}

/// What a row says in vain; it is left out.
struct Refusal {
    Severity severity = Severity::error;
    std::string code, summary, hint;
};

Refusal refused(std::string code, std::string summary, std::string hint) {
    return {Severity::error, std::move(code), std::move(summary), std::move(hint)};
}

Refusal not_ours(std::string code, std::string summary, std::string hint) {
    return {Severity::warning, std::move(code), std::move(summary), std::move(hint)};
}

class Demand {
  public:
    Demand(const Project& project, std::string database, Realm realm, const Selection& selection,
           PluginRegistry& plugins, Diagnostics& diagnostics)
        : project_(project),
          demanded_(project),
          database_(std::move(database)),
          realm_(realm),
          selection_(selection),
          diagnostics_(diagnostics) {
        demanded_.deployments.clear();
        for (const std::string& id : plugins.ids()) {
            try {
                providers_.push_back(&plugins.get(id).info());
            } catch (const Error&) {
                // `pyfops plugins` says why; a row that needs it becomes a finding.
            }
        }
    }

    void add(const DemandRow& row) {
        const std::string path = fmt::format("/functiondeployment/{}", row.row);
        (*places_)[path] =
            fmt::format("{}: functiondeployment row {} ({})", database_, row.row, escape_control(row.name));
        try {
            take(row, path);
        } catch (const Refusal& refusal) {
            const bool meant = selection_.everything() || selection_.matches(identity_);
            diagnostics_.add({meant ? refusal.severity : Severity::warning, refusal.code, refusal.summary,
                              refusal.hint, path, position(path)});
        }
    }

    Project result() && {
        const auto with_rows = [this](const std::function<SourcePosition(const std::string&)>& other) {
            return [places = places_, other](const std::string& path) {
                // "/functiondeployment/12/regions/0" is in row 12.
                const auto end = path.find('/', path.find('/', 1) + 1);
                const auto found = places->find(path.substr(0, end));
                return found != places->end() ? SourcePosition{found->second}
                       : other                ? other(path)
                                              : SourcePosition{};
            };
        };
        demanded_.locate = with_rows(project_.locate);
        demanded_.locate_key = with_rows(project_.locate_key);
        return std::move(demanded_);
    }

  private:
    SourcePosition position(const std::string& path) const { return {places_->at(path)}; }

    void take(const DemandRow& row, const std::string& path) {
        identity_ = row.identity.value_or(FdIdentity{project_.name, "", "", "", realm_, ""});
        if (row.implementation.empty())
            throw not_ours("no-implementation", "it names no function implementation",
                           "set functionImplementation_id");
        if (!row.language.empty() && !lower_case(row.language).starts_with("python"))
            throw not_ours("other-language",
                           fmt::format("its implementation {} is of {}", in_quotes(row.implementation),
                                       in_quotes(row.language)),
                           "pyfOps deploys Python");
        const ProviderInfo* provider = provider_of(row);
        const std::string function = function_of(row, provider, path);
        identity_.function = function;
        if (!row.identity) read_target(row, provider);
        if (!selection_.matches(identity_)) return;
        if (!row.link_sharers.empty())
            throw refused("shared-link",
                          fmt::format("its link {} is that of {} as well", in_quotes(row.link),
                                      config::listed(row.link_sharers)),
                          "clear KMS_Arn in the row that is not deployed there");
        DeploymentEntry entry = entry_of(row, path);
        if (const auto [first, fresh] = seen_.emplace(identity_, row.row); !fresh)
            throw refused("duplicate-deployment",
                          fmt::format("it asks for what row {} asks for: {}", first->second, identity_.str()),
                          "remove one of them, or give one another memorySize");
        demanded_.deployments.push_back(std::move(entry));
    }

    const ProviderInfo* provider_of(const DemandRow& row) const {
        for (const ProviderInfo* info : providers_)
            if (row.identity ? info->id == row.identity->provider
                             : lower_case(info->afcl_name) == lower_case(row.implementation_provider))
                return info;
        return nullptr;
    }

    /// The name of the function that the row means; a function of its own is added to the project.
    std::string function_of(const DemandRow& row, const ProviderInfo* provider, const std::string& path) {
        if (const FunctionSpec* named = named_function(row, provider)) {
            if (!row.type.empty() && lower_case(row.type) != lower_case(named->type))
                throw refused(
                    "other-type",
                    fmt::format("its implementation {} is of the type {}, and the function {} of {}",
                                in_quotes(row.implementation), in_quotes(row.type), in_quotes(named->name),
                                in_quotes(named->type)),
                    fmt::format("write 'type: {}' in the project file, or rename the function",
                                escape_control(row.type)));
            return named->name;
        }
        const auto folder = demand::folder_of(row, project_);
        if (!folder)
            throw not_ours(
                "unknown-implementation",
                fmt::format("its implementation {} is no function of the project{}",
                            in_quotes(row.implementation),
                            row.implementation_path.empty()
                                ? ""
                                : ", and " + in_quotes(row.implementation_path) + " is no folder in it"),
                "name a function like its type, or let implementationFilePath name a folder of the "
                "project");
        if (const FunctionSpec* there = demand::function_of(row, *folder, project_)) return there->name;
        return own_function(row, *folder, path);
    }

    const FunctionSpec* named_function(const DemandRow& row, const ProviderInfo* provider) const {
        const auto only = [&](const auto& means) {
            const FunctionSpec* found = nullptr;
            for (const FunctionSpec& function : project_.functions) {
                if (!means(function)) continue;
                if (found) return static_cast<const FunctionSpec*>(nullptr);
                found = &function;
            }
            return found;
        };
        if (!row.function.empty())
            return only([&](const FunctionSpec& function) { return function.name == row.function; });
        const std::string implementation = bare(row.implementation);
        const std::string type_name = bare(row.type_name);
        const FunctionSpec* found = only([&](const FunctionSpec& function) {
            const std::string name = bare(function.name);
            return implementation == name ||
                   (provider && implementation == name + bare(provider->afcl_short) + "python");
        });
        if (!found && !type_name.empty())
            found = only([&](const FunctionSpec& function) { return type_name == bare(function.name); });
        if (!found && !row.type.empty())
            found = only([&](const FunctionSpec& function) {
                return lower_case(function.type) == lower_case(row.type);
            });
        return found;
    }

    std::string own_function(const DemandRow& row, const std::filesystem::path& folder,
                             const std::string& path) {
        Diagnostics found;
        FunctionSpec function = demand::make_function(row, folder, project_, found);
        if (found.has_errors()) {
            const Finding& first = first_error(found);
            throw refused(first.code, first.summary, first.hint);
        }
        const auto same_name = [&](const FunctionSpec& other) { return other.name == function.name; };
        const auto known = std::find_if(demanded_.functions.begin(), demanded_.functions.end(), same_name);
        if (known == demanded_.functions.end()) {
            function.path = path;
            made_[function.name] = &row;
            demanded_.functions.push_back(std::move(function));
            return demanded_.functions.back().name;
        }
        const auto made = made_.find(function.name);
        if (made == made_.end())
            throw refused("other-function",
                          fmt::format("it would be called {}, as another function of the project is",
                                      in_quotes(function.name)),
                          "add it to the project file under a name of its own");
        if (known->source != function.source || known->module != function.module ||
            known->callable != function.callable || made->second->timeout_seconds != row.timeout_seconds ||
            made->second->environment != row.environment)
            throw refused("other-function",
                          fmt::format("folder, handler, timeout or environment of the function {} are not "
                                      "those that row {} says",
                                      in_quotes(function.name), made->second->row),
                          "make them equal, or add the function to the project file");
        return known->name;
    }

    /// Provider, region and memory, of a row that was not recorded yet.
    void read_target(const DemandRow& row, const ProviderInfo* provider) {
        if (!provider) {
            std::vector<std::string> known;
            for (const ProviderInfo* info : providers_)
                known.push_back(info->afcl_name);
            throw refused(
                "unknown-provider",
                fmt::format("no plugin is for the provider {} of its implementation {}",
                            in_quotes(row.implementation_provider), in_quotes(row.implementation)),
                config::did_you_mean(row.implementation_provider, known, "known: " + config::listed(known)));
        }
        identity_.provider = provider->id;
        if (row.region.empty()) throw refused("no-region", "it names no region", "set regionID");
        if (!row.region_provider.empty() &&
            lower_case(row.region_provider) != lower_case(provider->afcl_name))
            throw refused("contradictory-row",
                          fmt::format("its region {} is one of {}, and its implementation {} is for {}",
                                      in_quotes(row.region), in_quotes(row.region_provider),
                                      in_quotes(row.implementation), provider->afcl_name),
                          "repair regionID or functionImplementation_id");
        identity_.region = region_from_afcl(provider->id, row.region);
        constexpr long long most = 1 << 20;
        if (row.memory_mb < 0 || row.memory_mb > most)
            throw refused("bad-value", fmt::format("its memorySize is {} MB", row.memory_mb),
                          "0 lets pyfOps find the minimum");
        identity_.slot = row.memory_mb == 0 ? "auto" : std::to_string(row.memory_mb);
    }

    DeploymentEntry entry_of(const DemandRow& row, const std::string& path) const {
        DeploymentEntry entry;
        entry.provider = identity_.provider;
        entry.regions = {identity_.region};
        entry.functions = {identity_.function};
        entry.memory = size_of(identity_.slot);
        entry.path = path;
        entry.row = row.row;
        if (auto test = test_of(row)) entry.tests.push_back(std::move(*test));
        return entry;
    }

    /// Of a slot that we recorded, or somebody else in our name.
    static MemorySetting size_of(const std::string& slot) {
        if (slot == "auto") return {};
        int megabytes = 0;
        const auto [end, failure] = std::from_chars(slot.data(), slot.data() + slot.size(), megabytes);
        if (failure != std::errc() || end != slot.data() + slot.size() || megabytes <= 0)
            throw refused("bad-value", fmt::format("its slot in pyfops_fd is {}", in_quotes(slot)),
                          "remove the row's entry in pyfops_fd: it was not made by pyfOps");
        return {false, {megabytes}};
    }

    /// The row's input; nullopt when it has none, or a test of the function has the same.
    std::optional<TestCase> test_of(const DemandRow& row) const {
        if (row.input.empty()) return std::nullopt;
        TestCase test;
        try {
            test.input = parse_json(row.input, "the input");
        } catch (const Error& failure) {
            throw refused("bad-input", failure.message(), "set 'input' to JSON, or to NULL");
        }
        for (const FunctionSpec& function : demanded_.functions)
            for (const TestCase& other : function.tests)
                if (function.name == identity_.function && other.input == test.input) return std::nullopt;
        // Equal inputs have equal names, so that answers are compared over the providers.
        test.name = "database-" + sha256_hex(json::serialize(test.input)).substr(0, 8);
        return test;
    }

    const Project& project_;
    Project demanded_;
    std::string database_;
    Realm realm_;
    const Selection& selection_;
    Diagnostics& diagnostics_;
    std::vector<const ProviderInfo*> providers_;
    FdIdentity identity_; ///< of the row that is being read, as far as it is known
    std::map<FdIdentity, std::int64_t> seen_;
    std::map<std::string, const DemandRow*> made_; ///< functions by name: the row that they were made of
    std::shared_ptr<std::map<std::string, std::string>> places_ =
        std::make_shared<std::map<std::string, std::string>>();
};

} // namespace

Project demanded_project(const Project& project, const std::vector<DemandRow>& rows,
                         const std::string& database, Realm realm, const Selection& selection,
                         PluginRegistry& plugins, Diagnostics& diagnostics) {
    Demand demand(project, database, realm, selection, plugins, diagnostics);
    for (const DemandRow& row : rows)
        demand.add(row);
    return std::move(demand).result();
}

} // namespace pyfops
