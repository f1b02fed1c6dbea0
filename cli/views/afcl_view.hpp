// SPDX-License-Identifier: Apache-2.0
// What `afcl bind`, `db export` and `db import` show.
#pragma once

#include "frame/console.hpp"
#include "pyfops/afcl.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

struct BindView {
    std::string workflow;
    std::string output; ///< "-": standard output
    bool written = false;
    const std::vector<Binding>& bindings;
    const std::vector<Finding>& findings;
};

/// pyfops.afcl-bind/1
json::object bind_json(const BindView& view);
/// A line for each function that is bound, and two for what changes in it.
std::string bind_text(const BindView& view);

/// pyfops.db-export/1
json::object export_json(const AfclExport& files, const std::string& database, const std::string& directory,
                         const std::string& reader, Realm realm);
/// pyfops.db-import/1
json::object import_json(const AfclImport& import, const std::vector<Finding>& findings,
                         const std::string& database, const std::string& directory);
std::string import_table(const AfclImport& import, const StreamTraits& out);

} // namespace pyfops::cli
