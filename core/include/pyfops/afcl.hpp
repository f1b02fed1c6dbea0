// SPDX-License-Identifier: Apache-2.0
/// What passes between the record and the programs of the AFCL family: workflows, metadata files,
/// credentials.
#pragma once

#include "pyfops/diagnostics.hpp"
#include "pyfops/export.hpp"
#include "pyfops/json.hpp"
#include "pyfops/store.hpp"
#include "pyfops/system.hpp"
#include "pyfops/target.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

// ---- the tables as rows ---------------------------------------------------------------------------------

/// Rows by table ("functiondeployment"), in the order of their ids; each an object of column name and value.
using AfclTables = std::map<std::string, json::array>;

/// The rows of a realm; those that no table of ours knows belong to the real one. Providers, regions and what
/// is known of processors and networks are whole, languages those in use. Throws Error(storage).
PYFOPS_EXPORT AfclTables read_afcl_tables(const DatabaseUrl& url, Realm realm);

/// Whose spelling: both read the same files, but know different columns and names of providers.
enum class AfclReader { engine, scheduler };

struct AfclExport {
    std::map<std::string, json::array> files; ///< by file name ("functiondeployment.json")
    std::vector<std::string> notices;         ///< rows that this reader cannot take
};

/// The metadata files of that reader. What would make it fail (two rows with one link, one region code or one
/// type) is an error in `diagnostics`; then the files are of no use.
PYFOPS_EXPORT AfclExport export_afcl(const AfclTables& tables, AfclReader reader, Diagnostics& diagnostics);

struct AfclImport {
    struct Count {
        std::string table;
        std::string file; ///< "functiondeployment.json"
        std::size_t added = 0;
        std::size_t present = 0; ///< their unique name is there already; nothing was changed
    };
    std::vector<Count> tables; ///< of the files that exist
    std::vector<std::string> notices;
    bool written = false;
};

/// Adds the rows of the metadata files in `directory` that the database lacks, all in one transaction;
/// nothing when there is a finding that is an error, or with `check`. Either reader's spelling. Rows keep
/// their ids where these are free. Throws Error(storage), and invalid_input when a file cannot be read.
PYFOPS_EXPORT AfclImport import_afcl(const DatabaseUrl& url, const std::filesystem::path& directory,
                                     bool check, Diagnostics& diagnostics);

// ---- workflows ------------------------------------------------------------------------------------------

/// Which function deployment a function of a workflow gets, when several are recorded for its type.
struct BindingChoice {
    enum class By { only, cheapest, fastest };
    By by = By::only;                    ///< only: several are an error
    std::optional<std::string> provider; ///< "aws", or as AFCL writes it
    std::optional<std::string> region;   ///< the provider's code, or as AFCL writes it
    std::optional<int> memory_mb;
    bool partial = false; ///< functions without a deployment stay as they are
};

/// One function of a workflow and what it was bound to.
struct Binding {
    std::string function;
    std::string type;
    SourcePosition position; ///< of its type
    std::string name;        ///< functiondeployment.name
    std::string provider;    ///< as AFCL writes it
    std::string region;
    int memory_mb = 0;
    std::string resource;                    ///< with the prefix of the language, where there is one
    std::optional<std::string> old_resource; ///< nullopt: it had none
    std::string deployment;                  ///< "AWS_eu-central-1_512"
    std::optional<std::string> old_deployment;
    bool changed() const { return old_resource != resource || old_deployment != deployment; }
};

struct BoundWorkflow {
    std::string text; ///< the workflow as it was when there are errors
    std::vector<Binding> bindings;
};

/// Writes resource links and deployments into the functions of an AFCL workflow (YAML or JSON), wherever they
/// are nested; every other byte stays. `tables` are those of one realm. What is wrong is a finding of
/// `diagnostics` at its place in `label`; nothing is thrown for bad text.
PYFOPS_EXPORT BoundWorkflow bind_workflow(const std::string& text, const std::string& label,
                                          const AfclTables& tables, const BindingChoice& choice,
                                          Diagnostics& diagnostics);

// ---- credentials ----------------------------------------------------------------------------------------

/// The environment of a process with the credentials.properties file of the AFCL engine laid over it, so that
/// the providers' own chains find them.
struct EngineCredentials {
    std::unique_ptr<System> system; ///< refers to the base; its values are Secrets while it lives
    std::vector<std::string> used;  ///< the keys that were taken
    std::vector<std::string> warnings;
};

/// Throws Error(invalid_input) when the file is missing, cannot be read or contradicts itself.
PYFOPS_EXPORT EngineCredentials read_engine_credentials(const std::filesystem::path& file,
                                                        const System& base);

} // namespace pyfops
