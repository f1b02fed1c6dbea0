// SPDX-License-Identifier: Apache-2.0
#include "views/runtimes_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"

#include <algorithm>

namespace pyfops::cli {

std::string runtimes_table(const std::vector<RuntimeRow>& rows, const StreamTraits& out) {
    Table table({{"PYTHON"},
                 {"VERSION"},
                 {"GLIBC"},
                 {"SUITE"},
                 {"SIZE", true},
                 {"RESULT"},
                 {"TIME", true},
                 {"PATH", false, true}});
    for (const RuntimeRow& row : rows) {
        if (!row.runtime) {
            table.add({{escape_control(row.version)}, {}, {}, {}, {}, {"failed", "31"}, {}, {}});
            continue;
        }
        const PythonRuntime& runtime = *row.runtime;
        table.add({{row.version},
                   {runtime.full_version},
                   {runtime.glibc},
                   {runtime.suite},
                   {runtime.bytes > 0 ? human_size(runtime.bytes) : ""},
                   {row.made ? "made" : "was there", "32"},
                   {row.made ? human_duration(row.took) : ""},
                   {runtime.root.string()}});
    }
    return table.render(out.width, out.colour);
}

json::object runtimes_json(const std::vector<RuntimeRow>& rows) {
    json::object result = document("runtimes");
    result["succeeded"] =
        std::none_of(rows.begin(), rows.end(), [](const RuntimeRow& row) { return row.failure.has_value(); });
    json::array entries;
    for (const RuntimeRow& row : rows) {
        const PythonRuntime runtime = row.runtime.value_or(PythonRuntime{});
        entries.push_back({{"version", row.version},
                           {"full_version", runtime.full_version},
                           {"glibc", runtime.glibc},
                           {"suite", runtime.suite},
                           {"path", runtime.root.string()},
                           {"size_bytes", runtime.bytes},
                           {"made", row.made && row.runtime.has_value()},
                           {"took_ms", row.took.count()},
                           {"error", to_json(row.failure)}});
    }
    result["runtimes"] = std::move(entries);
    return result;
}

} // namespace pyfops::cli
