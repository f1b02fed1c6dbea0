// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "commands/recorded.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/afcl.hpp"
#include "views/afcl_view.hpp"
#include "views/common.hpp"
#include "views/record_views.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

void refuse_missing(Session& session) {
    const DatabaseUrl url = session.database_url();
    std::error_code failure;
    if (url.kind == DatabaseUrl::Kind::sqlite && !std::filesystem::exists(url.path, failure))
        throw Error(ErrorKind::storage, fmt::format("there is no database {} yet", url.str()))
            .hint("'pyfops db migrate' creates it");
}

int migrate(Session& session, Console& console) {
    const bool check = session.arguments().has("check");
    if (check) refuse_missing(session);
    const std::string url = session.database_url().str();
    const SchemaReport report = check ? session.store().check() : session.store().migrate();
    if (console.json()) {
        console.result(schema_json(report, url, !check));
    } else {
        std::string text =
            report.version == report.latest
                ? fmt::format("{}: version {}, up to date\n", url, report.version)
                : fmt::format("{}: version {}, {} is the latest\n", url, report.version, report.latest);
        for (const std::string& difference : report.differences)
            text += fmt::format("  {}\n", escape_control(difference));
        console.result(text);
    }
    for (const std::string& finding : report.findings)
        console.error("warning: " + escape_control(finding));
    return check && !report.differences.empty() ? something_failed : all_well;
}

int write_export(Session& session, Console& console, const std::string& directory) {
    refuse_missing(session);
    const std::string reader = session.arguments().value("for", "engine");
    const AfclTables tables = read_afcl_tables(session.database_url(), session.realm());
    Diagnostics diagnostics;
    const AfclExport files =
        export_afcl(tables, reader == "engine" ? AfclReader::engine : AfclReader::scheduler, diagnostics);
    if (diagnostics.has_errors()) throw InvalidInput("the record cannot be exported", diagnostics.findings());
    std::size_t rows = 0;
    for (const auto& [file, content] : files.files) {
        write_file(std::filesystem::path(directory) / file, pretty_json(content) + "\n");
        rows += content.size();
    }
    for (const std::string& notice : files.notices)
        console.note("note: " + escape_control(notice));
    if (console.json()) {
        console.result(export_json(files, session.database_url().str(), directory, reader, session.realm()));
    } else {
        console.result(fmt::format("{}: {} in {}\n", escape_control(directory), counted(rows, "row"),
                                   counted(files.files.size(), "file")));
    }
    return all_well;
}

int read_import(Session& session, Console& console, const std::string& directory) {
    if (session.realm() == Realm::local)
        throw Error(ErrorKind::invalid_input, "rows of metadata files are never those of the local cloud")
            .hint("leave out --local; 'pyfops run --local' records what it deploys itself");
    const bool check = session.arguments().has("check");
    if (check) {
        refuse_missing(session);
    } else {
        session.store().migrate();
    }
    Diagnostics diagnostics;
    const AfclImport import = import_afcl(session.database_url(), directory, check, diagnostics);
    console.error(render(diagnostics.findings(), console.err().colour));
    for (const std::string& notice : import.notices)
        console.note("note: " + escape_control(notice));
    if (console.json()) {
        console.result(import_json(import, diagnostics.findings(), session.database_url().str(), directory));
    } else if (!diagnostics.has_errors()) {
        console.result(import_table(import, console.out()));
    } else {
        console.note("nothing was written");
    }
    return diagnostics.has_errors() ? wrong_usage : all_well;
}

} // namespace

int run_db(const Arguments& arguments, Console& console) {
    const std::string verb = arguments.operand(0);
    const std::string directory = arguments.operand(1);
    Session session(arguments, console);
    if (verb == "migrate" && directory.empty()) return migrate(session, console);
    if (verb == "export") return write_export(session, console, directory.empty() ? "metadata" : directory);
    if (verb == "import" && !directory.empty()) return read_import(session, console, directory);
    if (verb == "import")
        throw Error(ErrorKind::invalid_input, "'pyfops db import' needs the folder with the files")
            .hint("run 'pyfops db import metadata'");
    if (verb == "migrate")
        throw Error(ErrorKind::invalid_input,
                    fmt::format("'pyfops db migrate' takes no '{}'", escape_control(directory)))
            .hint("name a database with --database");
    throw Error(ErrorKind::invalid_input, verb.empty()
                                              ? std::string("'pyfops db' needs to know what to do")
                                              : fmt::format("'pyfops db' has no '{}'", escape_control(verb)))
        .hint("'pyfops db migrate' creates the database or brings it up to date; 'pyfops db import' and "
              "'pyfops db export' move rows");
}

} // namespace pyfops::cli
