// SPDX-License-Identifier: Apache-2.0
// The function's URL: an HTTP trigger of ours.
#include "deployer.hpp"

#include "pyfops/sdk/rest.hpp"

namespace pyfops::alibaba {

Task<std::string> AlibabaDeployer::ensure_trigger(Work& work, StageContext& context) {
    const Settings& settings = work.session.settings;
    Outcome found;
    if (!work.created) {
        Task<Outcome> asking = cloud_.attempt(work.session, fc::get_trigger(work.name), context);
        found = unless_absent(co_await std::move(asking));
    }
    if (!settings.has_trigger()) {
        if (found.ok()) {
            Task<Outcome> deleting =
                cloud_.attempt(work.session, fc::delete_trigger(work.name, fc::trigger_name), context);
            unless_absent(co_await std::move(deleting));
            work.wrote = true;
        }
        co_return std::string();
    }
    if (!found.ok()) {
        Task<Outcome> creating =
            cloud_.attempt(work.session, fc::create_trigger(work.name, settings.http_trigger), context);
        found = co_await std::move(creating);
        work.wrote = true;
        if (found.failure && already_exists(*found.failure)) {
            Task<Outcome> again = cloud_.attempt(work.session, fc::get_trigger(work.name), context);
            found = co_await std::move(again);
        }
    }
    fc::Trigger trigger = fc::read_trigger(sdk::json_body(found.value(), "fc:GetTrigger"));
    if (trigger.auth != settings.http_trigger) {
        Task<HttpResponse> changing =
            cloud_.send(work.session, fc::update_trigger(work.name, settings.http_trigger), context);
        co_await std::move(changing);
        work.wrote = true;
    }
    if (trigger.url.empty()) { // not said where it was made
        Task<std::string> asking = url_of_trigger(work.session, work.name, context);
        trigger.url = co_await std::move(asking);
    }
    if (trigger.url.empty())
        throw Error(ErrorKind::unavailable,
                    "Function Compute gave no URL for the trigger of '" + work.name + "'")
            .hint("run the command again, or set providers.alibaba.http_trigger to none");
    co_return trigger.url;
}

Task<std::string> AlibabaDeployer::url_of_trigger(const Session& session, std::string name,
                                                  StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, fc::get_trigger(name), context);
    const Outcome found = unless_absent(co_await std::move(asking));
    if (!found.ok()) co_return std::string();
    co_return fc::read_trigger(sdk::json_body(found.value(), "fc:GetTrigger")).url;
}

/// All of them, also what somebody added: a function with triggers cannot be deleted.
Task<void> AlibabaDeployer::remove_triggers(const Session& session, std::string name, StageContext& context) {
    std::vector<std::string> names;
    std::string token;
    do {
        Task<Outcome> listing = cloud_.attempt(session, fc::list_triggers(name, token), context);
        const Outcome answer = unless_absent(co_await std::move(listing));
        if (!answer.ok()) co_return;
        fc::TriggerPage page = fc::read_triggers(sdk::json_body(answer.value(), "fc:ListTriggers"));
        names.insert(names.end(), page.names.begin(), page.names.end());
        token = page.next_token;
    } while (!token.empty());
    for (const std::string& trigger : names) {
        Task<Outcome> deleting = cloud_.attempt(session, fc::delete_trigger(name, trigger), context);
        unless_absent(co_await std::move(deleting));
    }
}

} // namespace pyfops::alibaba
