// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/console.hpp"
#include "pyfops/pipeline.hpp"

#include <string>
#include <vector>

namespace pyfops::cli {

/// What `run`, `deploy` and `test` show.
struct RunView {
    std::string command; ///< "run"
    std::string project;
    Realm realm = Realm::real;
    const RunReport& report;
    std::vector<std::string> notices; ///< that concern no single deployment
};

/// "3/3 passed", "created", "deploy failed"; with the Python that ran it when that is another one.
std::string verdict(const UnitReport& unit);

/// The table: function, provider, region, memory, package, time, verdict, link; widths as in Table::render.
std::string run_table(const RunView& view, const StreamTraits& out);
/// What stands below it, for stderr: failures with their reasons, notices, a closing line.
std::string run_remarks(const RunView& view, bool colour);
/// pyfops.run/1
json::object run_json(const RunView& view);

int exit_code(const RunReport& report);

} // namespace pyfops::cli
