// SPDX-License-Identifier: Apache-2.0
#include "commands/recorded.hpp"

#include "frame/text.hpp"
#include "pyfops/project_state.hpp"
#include "pyfops/system.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

bool is_missing_file(const DatabaseUrl& url) {
    std::error_code failure;
    return url.kind == DatabaseUrl::Kind::sqlite && !std::filesystem::exists(url.path, failure);
}

const char* them(std::size_t count) {
    return count == 1 ? "it" : "them";
}

} // namespace

bool has_record(Session& session) {
    if (is_missing_file(session.database_url())) return false;
    return session.store().check().version > 0;
}

DeploymentFilter recorded_filter(Session& session) {
    DeploymentFilter filter;
    if (!session.arguments().has("all-projects")) filter.project = session.project().name;
    filter.realm = session.realm();
    filter.with_destroyed = session.arguments().has("all");
    return filter;
}

std::size_t count_deployments(Store& store, const DeploymentFilter& filter, const Selection& selection) {
    return static_cast<std::size_t>(
        std::ranges::count_if(store.deployments(filter), [&](const DeploymentRecord& record) {
            return selection.matches(record.identity);
        }));
}

std::string of_the_other_realm(Session& session, std::string_view kind, CountRows count) {
    const bool local = session.realm() == Realm::local;
    DeploymentFilter filter = recorded_filter(session);
    filter.realm = local ? Realm::real : Realm::local;
    std::size_t rows = 0;
    try {
        const bool shared = session.arguments().has("database");
        const DatabaseUrl url = shared
                                    ? session.database_url()
                                    : project_state(session.project(), *filter.realm, real_system()).database;
        // A hint is not worth a connection.
        if (is_missing_file(url) || (!shared && url.kind != DatabaseUrl::Kind::sqlite)) return {};
        const std::unique_ptr<Store> store = open_store(url, null_log());
        if (store->check().version > 0) rows = count(*store, filter, session.selection());
    } catch (const Error&) {
        return {};
    }
    if (rows == 0) return {};
    return local ? fmt::format("{} of the real clouds: shown without --local", counted(rows, kind))
                 : fmt::format("{} of the local cloud: --local shows {}", counted(rows, kind), them(rows));
}

std::string why_nothing(Session& session, std::string_view kind, CountRows count) {
    DeploymentFilter filter = recorded_filter(session);
    std::string why = fmt::format("no {} is recorded in {}", kind, session.database_url().str());
    if (has_record(session)) {
        Store& store = session.store();
        const std::size_t all = count(store, filter, {});
        if (all > 0)
            why = fmt::format("--only matches none of {}", counted(all, fmt::format("recorded {}", kind)));
        filter.with_destroyed = true;
        // What is there is not selected, so these are all destroyed.
        if (const std::size_t destroyed = count(store, filter, session.selection()); destroyed > 0)
            why += fmt::format("; {} destroyed: --all shows {}", destroyed, them(destroyed));
    }
    if (const std::string elsewhere = of_the_other_realm(session, kind, count); !elsewhere.empty())
        why += "; " + elsewhere;
    return why;
}

} // namespace pyfops::cli
