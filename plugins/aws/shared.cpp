// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"

#include "iam.hpp"
#include "marks.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/sdk/poll.hpp"
#include "s3.hpp"

#include <algorithm>

namespace pyfops::aws {
namespace {

std::map<std::string, std::string> shared_tags(const std::string& project, const Settings& settings) {
    std::map<std::string, std::string> tags = settings.tags;
    tags[tag::project] = project;
    return tags;
}

bool belongs_to(const std::map<std::string, std::string>& tags, const std::string& project) {
    const auto found = tags.find(tag::project);
    return found != tags.end() && found->second == project;
}

Error foreign(const std::string& what, const std::string& hint) {
    return Error(ErrorKind::conflict, what + " exists and was not made by pyfOps for this project")
        .hint(hint);
}

} // namespace

Task<std::string> SharedResources::role(const Session& session, std::string project, StageContext& context) {
    std::function<Task<std::string>()> make = [this, &session, &project, &context] {
        return make_role(session, project, context);
    };
    Task<std::string> getting = roles_.get(session.account + "/" + project, std::move(make));
    co_return co_await std::move(getting);
}

Task<std::string> SharedResources::make_role(Session session, std::string project, StageContext& context) {
    const std::string name = role_name(project);
    const std::string policy = iam::basic_execution_policy(session.partition());
    Task<Outcome> asking = cloud_.attempt(session, iam::get_role(name), context);
    Outcome found = co_await std::move(asking);
    bool created = false;
    if (found.failed_with(ErrorKind::not_found)) {
        context.progress(Stage::deploy, "creating role " + name);
        Task<Outcome> creating =
            cloud_.attempt(session, iam::create_role(name, shared_tags(project, session.settings)), context);
        found = co_await std::move(creating);
        created = found.ok();
        if (found.failure && already_exists(*found.failure)) {
            // Somebody was faster, or our answer was lost; what IAM just took may not be readable at once.
            std::function<Task<sdk::Polled<Outcome>>()> look = [this, &session, &name, &context] {
                return look_for_role(session, name, context);
            };
            Task<Outcome> waiting = sdk::poll<Outcome>(context, Stage::deploy, "role " + name,
                                                       {.limit = std::chrono::seconds(30)}, std::move(look));
            found = co_await std::move(waiting);
        }
    }
    const iam::Role role = iam::read_role(found.value().body);
    if (!created && !belongs_to(role.tags, project))
        throw foreign("the IAM role " + name, "set providers.aws.role to a role that Lambda may assume, or "
                                              "rename the project");
    bool attached = false;
    if (!created) {
        Task<HttpResponse> listing = cloud_.send(session, iam::list_attached_policies(name), context);
        const HttpResponse answer = co_await std::move(listing);
        const auto policies = iam::read_attached_policies(answer.body);
        attached = std::find(policies.begin(), policies.end(), policy) != policies.end();
    }
    if (!attached) {
        Task<HttpResponse> attaching = cloud_.send(session, iam::attach_policy(name, policy), context);
        co_await std::move(attaching);
    }
    co_return role.arn;
}

Task<sdk::Polled<Outcome>> SharedResources::look_for_role(const Session& session, const std::string& name,
                                                          StageContext& context) {
    Task<Outcome> asking = cloud_.attempt(session, iam::get_role(name), context);
    Outcome found = co_await std::move(asking);
    sdk::Polled<Outcome> answer;
    answer.state = "not readable yet";
    if (!found.failed_with(ErrorKind::not_found)) answer.ready = std::move(found);
    co_return answer;
}

Task<void> SharedResources::remove_role(const Session& session, std::string project, StageContext& context) {
    const std::string name = role_name(project);
    Task<Outcome> asking = cloud_.attempt(session, iam::get_role(name), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::not_found)) co_return;
    if (!belongs_to(iam::read_role(found.value().body).tags, project)) co_return;
    Task<HttpResponse> listing = cloud_.send(session, iam::list_attached_policies(name), context);
    const HttpResponse attached = co_await std::move(listing);
    for (const std::string& policy : iam::read_attached_policies(attached.body)) {
        Task<Outcome> detaching = cloud_.attempt(session, iam::detach_policy(name, policy), context);
        const Outcome detached = co_await std::move(detaching);
        if (!detached.failed_with(ErrorKind::not_found)) detached.value();
    }
    Task<Outcome> deleting = cloud_.attempt(session, iam::delete_role(name), context);
    const Outcome deleted = co_await std::move(deleting);
    if (!deleted.failed_with(ErrorKind::not_found)) deleted.value();
    roles_.forget(session.account + "/" + project);
}

Task<std::string> SharedResources::make_bucket(Session session, std::string project, StageContext& context) {
    const std::string name = bucket_name(session.account, session.region, project);
    Task<Outcome> asking = cloud_.attempt(session, s3::head_bucket(name, session.account), context);
    const Outcome head = co_await std::move(asking);
    if (head.failed_with(ErrorKind::forbidden))
        throw foreign("the S3 bucket " + name,
                      "set providers.aws.bucket to a bucket of yours in " + session.region);
    if (head.failed_with(ErrorKind::not_found)) {
        context.progress(Stage::deploy, "creating bucket " + name);
        Task<Outcome> creating = cloud_.attempt(session, s3::create_bucket(name, session.region), context);
        const Outcome created = co_await std::move(creating);
        if (created.failure && !already_exists(*created.failure)) throw *created.failure;
    } else {
        head.value();
        Task<Outcome> reading = cloud_.attempt(session, s3::get_bucket_tags(name, session.account), context);
        const Outcome tags = co_await std::move(reading);
        if (tags.ok() && belongs_to(s3::read_tags(tags.value().body), project)) co_return name;
        // One without any tags is ours, made by a run that was interrupted: the name carries our hash.
        if (tags.ok()) throw foreign("the S3 bucket " + name, "set providers.aws.bucket to another one");
        if (!tags.failed_with(ErrorKind::not_found)) tags.value();
    }
    Task<HttpResponse> blocking =
        cloud_.send(session, s3::block_public_access(name, session.account), context);
    co_await std::move(blocking);
    Task<HttpResponse> tagging = cloud_.send(
        session, s3::tag_bucket(name, session.account, shared_tags(project, session.settings)), context);
    co_await std::move(tagging);
    co_return name;
}

Task<lambda::CodeSource> SharedResources::upload(const Session& session, const std::string& project,
                                                 const FdIdentity& identity, Bytes archive,
                                                 StageContext& context) {
    lambda::CodeSource code;
    code.bucket = session.settings.bucket;
    if (code.bucket.empty()) {
        std::function<Task<std::string>()> make = [this, &session, &project, &context] {
            return make_bucket(session, project, context);
        };
        Task<std::string> getting =
            buckets_.get(session.account + "/" + session.region + "/" + project, std::move(make));
        code.bucket = co_await std::move(getting);
    }
    code.key = "pyfops/" + identity.id() + "/" + sha256_hex(archive.view()) + ".zip";
    context.progress(Stage::deploy, "uploading to s3://" + code.bucket, 0, archive.size());
    ApiCall put = s3::put_object(code.bucket, session.account, code.key, std::move(archive));
    Task<HttpResponse> sending = cloud_.send(session, std::move(put), context);
    co_await std::move(sending);
    co_return code;
}

Task<void> SharedResources::discard(const Session& session, const lambda::CodeSource& code,
                                    StageContext& context) {
    if (code.key.empty()) co_return;
    Task<Outcome> deleting =
        cloud_.attempt(session, s3::delete_object(code.bucket, session.account, code.key), context);
    const Outcome outcome = co_await std::move(deleting);
    if (outcome.failure)
        context.host.log.warning("s3://" + code.bucket + "/" + code.key +
                                 " could not be deleted: " + outcome.failure->what());
}

Task<void> SharedResources::remove_bucket(const Session& session, std::string project,
                                          StageContext& context) {
    const std::string name = bucket_name(session.account, session.region, project);
    Task<Outcome> asking = cloud_.attempt(session, s3::get_bucket_tags(name, session.account), context);
    const Outcome tags = co_await std::move(asking);
    if (tags.failed_with(ErrorKind::not_found) || tags.failed_with(ErrorKind::forbidden)) co_return;
    if (!belongs_to(s3::read_tags(tags.value().body), project)) co_return;
    std::string continuation;
    do {
        Task<HttpResponse> listing =
            cloud_.send(session, s3::list_objects(name, session.account, continuation), context);
        const HttpResponse answer = co_await std::move(listing);
        const s3::Listing page = s3::read_listing(answer.body);
        for (const std::string& key : page.keys) {
            Task<HttpResponse> deleting =
                cloud_.send(session, s3::delete_object(name, session.account, key), context);
            co_await std::move(deleting);
        }
        continuation = page.continuation;
    } while (!continuation.empty());
    Task<Outcome> deleting = cloud_.attempt(session, s3::delete_bucket(name, session.account), context);
    const Outcome deleted = co_await std::move(deleting);
    if (!deleted.failed_with(ErrorKind::not_found)) deleted.value();
    buckets_.forget(session.account + "/" + session.region + "/" + project);
}

} // namespace pyfops::aws
