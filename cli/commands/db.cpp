// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "views/record_views.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

int run_db(const Arguments& arguments, Console& console) {
    if (arguments.operand(0) != "migrate")
        throw Error(ErrorKind::invalid_input,
                    arguments.operands().empty()
                        ? std::string("'pyfops db' needs to know what to do")
                        : fmt::format("'pyfops db' has no '{}'", escape_control(arguments.operand(0))))
            .hint("'pyfops db migrate' creates the database or brings it up to date");
    Session session(arguments, console);
    const bool check = arguments.has("check");
    const DatabaseUrl url = session.database_url();
    std::error_code failure;
    if (check && url.kind == DatabaseUrl::Kind::sqlite && !std::filesystem::exists(url.path, failure))
        throw Error(ErrorKind::storage, fmt::format("there is no database {} yet", url.str()))
            .hint("'pyfops db migrate' creates it");
    const SchemaReport report = check ? session.store().check() : session.store().migrate();
    if (console.json()) {
        console.result(schema_json(report, url.str(), !check));
    } else {
        std::string text =
            report.version == report.latest
                ? fmt::format("{}: version {}, up to date\n", url.str(), report.version)
                : fmt::format("{}: version {}, {} is the latest\n", url.str(), report.version, report.latest);
        for (const std::string& difference : report.differences)
            text += fmt::format("  {}\n", escape_control(difference));
        console.result(text);
    }
    for (const std::string& finding : report.findings)
        console.error("warning: " + escape_control(finding));
    return check && !report.differences.empty() ? something_failed : all_well;
}

} // namespace pyfops::cli
