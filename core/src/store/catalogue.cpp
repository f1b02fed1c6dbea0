// SPDX-License-Identifier: Apache-2.0
#include "store/catalogue.hpp"

#include "store/afcl_names.hpp"
#include "store/text.hpp"

#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <set>

namespace pyfops::store {
namespace {

/// AFCL's language table has one column for each provider of 2021.
std::string language_column(const std::string& afcl_name) {
    static const std::map<std::string, std::string> columns{{"aws", "idAWS"},
                                                            {"alibaba", "idAlibaba"},
                                                            {"microsoft", "idAzure"},
                                                            {"google", "idGoogle"},
                                                            {"ibm", "idIBM"}};
    const auto found = columns.find(lower_case(afcl_name));
    return found == columns.end() ? "" : found->second;
}

bool same_or_none(const Row& row, std::size_t column, long long value) {
    return row.null(column) || row.integer(column) == value;
}

std::string now() {
    return to_iso8601(std::chrono::system_clock::now());
}

/// The implementation of the row that asks for the deployment; none when no row does. Throws when the row is
/// gone or has none.
std::optional<long long> asked_implementation(Session& session, const IntentRecord& intent) {
    if (intent.row == 0) return std::nullopt;
    const auto row =
        session.first({"functionImplementation_id"}, "FROM functiondeployment WHERE id = ?", {intent.row});
    if (row && !row->null(0)) return row->integer(0);
    throw Error(ErrorKind::conflict,
                fmt::format("row {} of functiondeployment, which asks for {}, {}", intent.row,
                            intent.identity.str(), row ? "has no implementation any more" : "is gone"))
        .hint("run the command again: it reads the rows anew");
}

Error recorded_elsewhere(std::string_view table, long long asked, const std::string& recorded) {
    return Error(ErrorKind::conflict, fmt::format("row {} of {} asks for what is recorded as '{}' already",
                                                  asked, table, recorded))
        .hint("remove one of the two rows, or let the first one lead to the second one's implementation");
}

Error taken_elsewhere(std::string_view table, long long asked) {
    return Error(ErrorKind::conflict,
                 fmt::format("row {} of {} was taken for another deployment", asked, table))
        .hint("run the command again: it reads the rows anew");
}

Error no_name_left(const std::string& name) {
    return Error(ErrorKind::conflict, fmt::format("every AFCL name for '{}' belongs to something else", name))
        .hint("rename the function or the project");
}

/// The input as AFCL's column takes it; NULL when it is longer.
Value short_input(const json::value& input) {
    if (input.is_null()) return nullptr;
    std::string text = escape_astral(valid_utf8(json::serialize(input)));
    if (!fits_afcl(text)) return nullptr;
    return text;
}

Value whole_input(const json::value& input) {
    if (input.is_null()) return nullptr;
    return json::serialize(input);
}

} // namespace

long long provider_row(Session& session, const std::string& afcl_name) {
    const std::string name = fit_afcl(afcl_name, 50);
    if (const auto row = session.first({"id"}, "FROM provider WHERE name = ? ORDER BY id", {name}))
        return row->integer(0);
    return session.insert("INSERT INTO provider (name) VALUES (?)", {name});
}

long long region_row(Session& session, const IntentRecord& intent, long long provider) {
    const std::string bare = afcl_region(intent.identity.provider, intent.identity.region);
    // A code is one region's over all providers: the engine looks it up alone.
    for (const std::string& code : {bare, intent.identity.provider + "-" + intent.identity.region}) {
        const Rows rows = session.select({"id", "providerID", "provider"},
                                         "FROM region WHERE region = ? ORDER BY id", {code});
        for (const Row& row : rows)
            if (row.integer(1) == provider ||
                (row.null(1) && lower_case(row.text(2)) == lower_case(intent.provider_afcl_name)))
                return row.integer(0);
        if (!rows.empty()) continue;
        Value location = nullptr;
        if (!intent.region_location.empty()) location = fit_afcl(intent.region_location, 100);
        return session.insert(
            "INSERT INTO region (region, provider, providerID, location) VALUES (?, ?, ?, ?)",
            {fit_afcl(code), fit_afcl(intent.provider_afcl_name), provider, location});
    }
    throw no_name_left(intent.identity.region);
}

Value language_row(Session& session, const IntentRecord& intent) {
    if (intent.python.empty()) return nullptr;
    const std::string name = fit_afcl("Python " + intent.python);
    const std::string column = language_column(intent.provider_afcl_name);
    const std::string runtime = fit_afcl(intent.runtime);
    if (const auto row =
            session.first({"id", column.empty() ? "''" : column}, "FROM language WHERE name = ?", {name})) {
        if (row->null(1) && !runtime.empty())
            session.execute("UPDATE language SET " + column + " = ? WHERE id = ?",
                            {runtime, row->integer(0)});
        return row->integer(0);
    }
    // The table has no counter of its own.
    const long long id = session.first({"COALESCE(MAX(id), -1) + 1"}, "FROM language")->integer(0);
    session.execute("INSERT INTO language (id, name) VALUES (?, ?)", {id, name});
    if (!column.empty() && !runtime.empty())
        session.execute("UPDATE language SET " + column + " = ? WHERE id = ?", {runtime, id});
    return id;
}

long long type_row(Session& session, const IntentRecord& intent, RecordedIntent& recorded) {
    const std::string type = fit_afcl(intent.function_type);
    // A type is abstract: every project that implements it means the same row.
    const Rows of_type =
        session.select({"id", "name"}, "FROM functiontype WHERE type = ? ORDER BY id", {type});
    const Row* chosen = of_type.empty() ? nullptr : &of_type.front();
    for (const Row& row : of_type)
        if (lower_case(row.text(1)) == lower_case(intent.identity.function)) chosen = &row;
    if (chosen) {
        recorded.type_name = chosen->text(1);
        return chosen->integer(0);
    }
    for (const std::string& name : type_names(intent.identity)) {
        const auto taken = session.first({"type"}, "FROM functiontype WHERE name = ?", {name});
        if (taken) {
            recorded.notices.push_back(
                fmt::format("the function type '{}' is there already, of type '{}': this one "
                            "gets another name",
                            name, taken->text(0)));
            continue;
        }
        recorded.type_name = name;
        return session.insert("INSERT INTO functiontype (name, type) VALUES (?, ?)", {name, type});
    }
    throw no_name_left(intent.identity.function);
}

long long implementation_row(Session& session, const IntentRecord& intent, long long type, long long provider,
                             const Value& language, RecordedIntent& recorded) {
    const std::string identity = implementation_id(intent.identity);
    const auto asked = asked_implementation(session, intent);
    const Value path = intent.source_path.empty() ? Value(nullptr) : Value(fit_afcl(intent.source_path));
    if (const auto ours = session.first(
            {"p.fi_id", "f.name"},
            "FROM pyfops_fi p LEFT JOIN functionimplementation f ON f.id = p.fi_id WHERE p.identity = ?",
            {identity})) {
        if (!ours->null(1)) {
            if (asked && *asked != ours->integer(0))
                throw recorded_elsewhere("functionimplementation", *asked, ours->text(1));
            session.execute(
                "UPDATE functionimplementation SET functionType_id = ?, provider = ?, language_id = ?, "
                "implementationFilePath = ? WHERE id = ?",
                {type, provider, language, path, ours->integer(0)});
            recorded.implementation_name = ours->text(1);
            return ours->integer(0);
        }
        session.execute("DELETE FROM pyfops_fi WHERE identity = ?", {identity}); // its row was deleted
    }
    const auto own = [&](long long id, const std::string& name) {
        session.execute(
            "INSERT INTO pyfops_fi (fi_id, identity, project, function_name, provider, realm) VALUES "
            "(?, ?, ?, ?, ?, ?)",
            {id, identity, intent.identity.project, intent.identity.function, intent.identity.provider,
             std::string(to_string(intent.identity.realm))});
        recorded.implementation_name = name;
        return id;
    };
    if (asked) {
        const auto row = session.first({"f.name", "p.project"},
                                       "FROM functionimplementation f LEFT JOIN pyfops_fi p ON p.fi_id = "
                                       "f.id WHERE f.id = ?",
                                       {*asked});
        if (!row || !row->null(1)) throw taken_elsewhere("functionimplementation", *asked);
        session.execute("UPDATE functionimplementation SET functionType_id = COALESCE(functionType_id, ?), "
                        "language_id = ?, implementationFilePath = ? WHERE id = ?",
                        {type, language, path, *asked});
        return own(*asked, row->text(0));
    }
    for (const std::string& stem : stems(intent.identity, intent.provider_short)) {
        const std::string name = implementation_name(stem, intent.identity.realm);
        const auto there =
            session.first({"f.id", "f.functionType_id", "f.provider", "p.project"},
                          "FROM functionimplementation f LEFT JOIN pyfops_fi p ON p.fi_id = f.id "
                          "WHERE f.name = ?",
                          {name});
        if (!there)
            return own(session.insert("INSERT INTO functionimplementation (name, functionType_id, provider, "
                                      "language_id, implementationFilePath) VALUES (?, ?, ?, ?, ?)",
                                      {name, type, provider, language, path}),
                       name);
        if (there->null(3) && same_or_none(*there, 1, type) && there->integer(2) == provider) {
            recorded.notices.push_back(
                fmt::format("took over the function implementation '{}', which was there already", name));
            return own(there->integer(0), name);
        }
        recorded.notices.push_back(fmt::format(
            "the function implementation '{}' belongs to {}: this one gets another name", name,
            there->null(3) ? "another type or provider" : fmt::format("the project '{}'", there->text(3))));
    }
    throw no_name_left(intent.identity.function);
}

long long deployment_row(Session& session, const IntentRecord& intent, long long implementation,
                         long long region, RecordedIntent& recorded) {
    const FdIdentity& fd = intent.identity;
    const std::string description = fit_afcl(intent.description);
    const std::string handler = fit_afcl(intent.handler);
    const Value input = short_input(intent.first_input);
    if (const auto ours = session.first(
            {"p.fd_id", "f.name", "p.state"},
            "FROM pyfops_fd p LEFT JOIN functiondeployment f ON f.id = p.fd_id WHERE p.identity = ?",
            {fd.id()})) {
        if (!ours->null(1)) {
            if (intent.row != 0 && intent.row != ours->integer(0))
                throw recorded_elsewhere("functiondeployment", intent.row, ours->text(1));
            // memorySize and timeout say what is really deployed: only an outcome changes them.
            session.execute(
                "UPDATE functiondeployment SET functionImplementation_id = ?, regionID = ?, description = "
                "CASE WHEN ? = '' THEN description ELSE ? END, handlerName = ?, input = ? WHERE id = ?",
                {implementation, region, description, description, handler, input, ours->integer(0)});
            const std::string state = ours->text(2) == "deployed" ? "deployed" : "intent";
            session.execute(
                "UPDATE pyfops_fd SET state = ?, cloud_name = ?, first_input = ?, updated = ? WHERE "
                "fd_id = ?",
                {state, intent.cloud_name, whole_input(intent.first_input), now(), ours->integer(0)});
            recorded.deployment_name = ours->text(1);
            return ours->integer(0);
        }
        session.execute("DELETE FROM pyfops_link WHERE fd_id = ?", {ours->integer(0)}); // its row was deleted
        session.execute("DELETE FROM pyfops_fd WHERE identity = ?", {fd.id()});
    }
    const auto own = [&](long long id, const std::string& name) {
        session.execute(
            "INSERT INTO pyfops_fd (fd_id, identity, project, function_name, provider, region, realm, "
            "slot, state, cloud_name, first_input, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            {id, fd.id(), fd.project, fd.function, fd.provider, fd.region, std::string(to_string(fd.realm)),
             fd.slot, std::string("intent"), intent.cloud_name, whole_input(intent.first_input), now()});
        recorded.deployment_name = name;
        return id;
    };
    if (intent.row != 0) {
        const auto row = session.first({"f.name", "p.project"},
                                       "FROM functiondeployment f LEFT JOIN pyfops_fd p ON p.fd_id = f.id "
                                       "WHERE f.id = ?",
                                       {intent.row});
        if (!row || !row->null(1)) throw taken_elsewhere("functiondeployment", intent.row);
        const std::string name = row->text(0);
        session.execute("UPDATE functiondeployment SET handlerName = ?, input = COALESCE(input, ?) "
                        "WHERE id = ?",
                        {handler, input, intent.row});
        return own(intent.row, name);
    }
    std::vector<std::string> candidates{stem_of(recorded.implementation_name, fd.realm)};
    for (const std::string& stem : stems(fd, intent.provider_short))
        candidates.push_back(stem);
    for (const std::string& stem : candidates) {
        const std::string name = deployment_name(stem, fd);
        const auto there =
            session.first({"f.id", "f.functionImplementation_id", "p.project"},
                          "FROM functiondeployment f LEFT JOIN pyfops_fd p ON p.fd_id = f.id WHERE "
                          "f.name = ?",
                          {name});
        if (!there)
            return own(session.insert(
                           "INSERT INTO functiondeployment (name, functionImplementation_id, regionID, "
                           "description, handlerName, input, isDeployed, memorySize, timeout) VALUES (?, ?, "
                           "?, ?, ?, ?, 0, ?, ?)",
                           {name, implementation, region, description, handler, input,
                            static_cast<long long>(intent.memory_mb),
                            static_cast<long long>(intent.timeout_seconds)}),
                       name);
        if (there->null(2) && same_or_none(*there, 1, implementation)) {
            recorded.notices.push_back(
                fmt::format("took over the function deployment '{}', which was there already", name));
            return own(there->integer(0), name);
        }
        recorded.notices.push_back(fmt::format(
            "the function deployment '{}' belongs to {}: this one gets another name", name,
            there->null(2) ? "another implementation" : fmt::format("the project '{}'", there->text(2))));
    }
    throw no_name_left(fd.function);
}

void write_environment(Session& session, const IntentRecord& intent, long long deployment,
                       RecordedIntent& recorded) {
    session.execute("DELETE FROM functiondeployment_environmentvariables WHERE FunctionDeployment_id = ?",
                    {deployment});
    std::set<std::string> keys; // compared without case there
    for (const auto& [key, value] : intent.environment) {
        if (!fits_afcl(key) || !fits_afcl(value) || !keys.insert(lower_case(key)).second) {
            recorded.notices.push_back(
                fmt::format("the environment variable '{}' does not fit AFCL's table and is "
                            "not recorded there",
                            key));
            continue;
        }
        session.execute("INSERT INTO functiondeployment_environmentvariables (FunctionDeployment_id, "
                        "environmentVariables, environmentVariables_KEY) VALUES (?, ?, ?)",
                        {deployment, value, key});
    }
}

} // namespace pyfops::store
