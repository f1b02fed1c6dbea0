// SPDX-License-Identifier: Apache-2.0
#include "store/averages.hpp"
#include "store/text.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace pyfops::store {
namespace {

/// One of AFCL's tables with averages, and our name for it.
struct Counter {
    const char* kind;
    const char* table;
    bool of_deployments; ///< functiondeployment alone has avgRuntime and avgLoopCounter
};
constexpr Counter deployments{"fd", "functiondeployment", true};
constexpr Counter implementations{"fi", "functionimplementation", false};
constexpr Counter types{"ft", "functiontype", false};

/// An average, the weight behind it before the call, and what the call adds.
struct Average {
    const char* column;
    std::optional<double> value; ///< none: not known of this call, which does not move the average then
    double weight = 0;
};

/// In the order of pyfops_average's columns.
using Averages = std::array<Average, 4>;

std::optional<double> finite(const std::optional<double>& value) {
    return value && std::isfinite(*value) ? value : std::nullopt;
}

Averages averages_of(const TestRecord& test) {
    return {Average{"avgRTT", static_cast<double>(test.round_trip.count())},
            Average{"avgRuntime", finite(test.duration_ms)}, Average{"avgCost", finite(test.cost_usd)},
            Average{"successRate", test.passed ? 1.0 : 0.0}};
}

/// What we know of a row's averages from the last time.
struct Remembered {
    Realm realm;
    long long invocations;
    std::array<double, 4> weights;
};

std::optional<Remembered> remembered(Session& session, const Counter& counter, long long id) {
    const auto row = session.first(
        {"realm", "invocations", "rtt_weight", "runtime_weight", "cost_weight", "success_weight"},
        "FROM pyfops_average WHERE kind = ? AND row_id = ?", {std::string(counter.kind), id});
    if (!row) return std::nullopt;
    return Remembered{realm_of(row->text(0)),
                      row->integer(1),
                      {row->number(2), row->number(3), row->number(4), row->number(5)}};
}

void remember(Session& session, const Counter& counter, long long id, const Remembered& now, bool first) {
    const std::string realm(to_string(now.realm));
    const auto& weights = now.weights;
    if (first)
        session.execute(
            "INSERT INTO pyfops_average (realm, invocations, rtt_weight, runtime_weight, cost_weight, "
            "success_weight, kind, row_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            {realm, now.invocations, weights[0], weights[1], weights[2], weights[3],
             std::string(counter.kind), id});
    else
        session.execute(
            "UPDATE pyfops_average SET realm = ?, invocations = ?, rtt_weight = ?, "
            "runtime_weight = ?, cost_weight = ?, success_weight = ? WHERE kind = ? AND row_id = ?",
            {realm, now.invocations, weights[0], weights[1], weights[2], weights[3],
             std::string(counter.kind), id});
}

/// False when the row is not there, or when it is a type whose numbers are of the other realm.
bool count(Session& session, const Counter& counter, long long id, const TestRecord& test) {
    // Locked until the commit: what is decided here is still true when the row is written.
    const auto row = session.first(
        {"invocations", "avgRTT IS NULL", counter.of_deployments ? "avgRuntime IS NULL" : "1",
         "avgCost IS NULL", "successRate IS NULL"},
        std::string("FROM ") + counter.table + " WHERE id = ?" + (session.mariadb() ? " FOR UPDATE" : ""),
        {id});
    if (!row) return false;
    const Realm realm = test.identity.realm;
    const auto before = remembered(session, counter, id);
    long long invocations = std::max(0LL, row->integer(0));
    bool anew = false;
    if (realm == Realm::local) {
        // A type is one row for both realms: the local cloud counts only where nothing real was counted.
        if (before ? before->realm == Realm::real : invocations > 0) return false;
    } else if (before && before->realm == Realm::local) {
        anew = true;
        invocations = 0;
        session.execute("UPDATE pyfops_test_result SET counted_ft = NULL WHERE counted_ft = ?", {id});
    }

    Averages averages = averages_of(test);
    Remembered now{realm, invocations + 1, {}};
    std::string assignments;
    Values values;
    for (std::size_t i = 0; i < averages.size(); ++i) {
        Average& average = averages[i];
        const bool none = anew || row->integer(i + 1) != 0;
        // The row has one counter for all; how many calls an average really has is known when the counter
        // is as we left it.
        const bool ours = before && before->invocations == invocations && before->weights[i] > 0;
        if (!none) average.weight = ours ? before->weights[i] : static_cast<double>(invocations);
        now.weights[i] = average.weight;
        if (average.column == std::string_view("avgRuntime") && !counter.of_deployments) continue;
        if (!average.value) {
            if (anew) assignments += std::string(average.column) + " = NULL, ";
            continue;
        }
        now.weights[i] += test.weight;
        assignments += std::string(average.column) + " = (COALESCE(" + average.column + ", 0) * ? + ?) / ?, ";
        values.insert(values.end(), {average.weight, test.weight * *average.value, now.weights[i]});
    }
    if (counter.of_deployments) assignments += "avgLoopCounter = COALESCE(avgLoopCounter, 0), ";
    // The counter comes last: MariaDB assigns from left to right.
    assignments += anew ? "invocations = 1" : "invocations = invocations + 1";
    values.emplace_back(id);
    session.execute(std::string("UPDATE ") + counter.table + " SET " + assignments + " WHERE id = ?", values);
    remember(session, counter, id, now, !before);
    return true;
}

} // namespace

CountedRows count_call(Session& session, const TestRecord& test, long long deployment) {
    CountedRows counted;
    const auto rows = session.first({"f.functionImplementation_id", "i.functionType_id"},
                                    "FROM functiondeployment f LEFT JOIN functionimplementation i ON i.id = "
                                    "f.functionImplementation_id WHERE f.id = ?",
                                    {deployment});
    if (!rows) return counted;
    if (count(session, deployments, deployment, test)) counted.deployment = deployment;
    if (!rows->null(0) && count(session, implementations, rows->integer(0), test))
        counted.implementation = rows->integer(0);
    if (!rows->null(1) && count(session, types, rows->integer(1), test)) counted.type = rows->integer(1);
    return counted;
}

} // namespace pyfops::store
