// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/arguments.hpp"
#include "frame/console.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "pyfops/plugin_registry.hpp"
#include "pyfops/system.hpp"
#include "views/provider_view.hpp"

namespace pyfops::cli {

int run_plugins(const Arguments& arguments, Console& console) {
    PluginRegistry registry(plugin_search_path(real_system()));
    const std::string wanted = arguments.operand(0);
    if (!wanted.empty()) {
        // Throws with a suggestion and the places searched.
        const ProviderInfo& info = registry.get(wanted).info();
        if (console.json()) {
            console.result(provider_json(info));
        } else {
            console.result(provider_text(info, today(real_clock()), console.out()));
        }
        return all_well;
    }
    std::vector<PluginRow> rows;
    bool broken = false;
    for (PluginDescription& description : registry.load_all()) {
        const ProviderInfo* info =
            description.failure.empty() ? &registry.get(description.id).info() : nullptr;
        broken = broken || !description.failure.empty();
        rows.push_back({std::move(description), info});
    }
    if (console.json()) {
        console.result(plugins_json(rows));
    } else {
        console.result(plugins_table(rows, console.out()));
        for (const PluginRow& row : rows)
            if (!row.description.failure.empty()) console.error(plugin_failure(row, console.err().colour));
        if (rows.empty()) console.note(no_plugins(plugin_search_path(real_system())));
    }
    return broken ? wrong_usage : all_well;
}

} // namespace pyfops::cli
