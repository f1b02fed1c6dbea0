// SPDX-License-Identifier: Apache-2.0
#include "shared.hpp"

#include "marks.hpp"
#include "oss.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops_alibaba/crc64.hpp"

namespace pyfops::alibaba {
namespace {

bool belongs_to(const std::map<std::string, std::string>& tags, const std::string& project) {
    const auto found = tags.find(tag::project);
    return found != tags.end() && found->second == project;
}

Error foreign(const std::string& bucket, const std::string& region) {
    return Error(ErrorKind::conflict,
                 "the OSS bucket " + bucket + " exists and was not made by pyfOps for this project")
        .hint("set providers.alibaba.bucket to a bucket of yours in " + region);
}

std::string key_of(const Session& session, const std::string& project) {
    return session.account + "/" + session.region + "/" + project;
}

} // namespace

Task<std::string> SharedResources::make_bucket(Session session, std::string project, StageContext& context) {
    const std::string name = bucket_name(session.account, session.region, project);
    Task<Outcome> asking = cloud_.attempt(session, oss::get_bucket_info(name), context);
    const Outcome found = co_await std::move(asking);
    if (found.failed_with(ErrorKind::forbidden)) throw foreign(name, session.region);
    if (found.failed_with(ErrorKind::not_found)) {
        context.progress(Stage::deploy, "creating bucket " + name);
        Task<Outcome> creating = cloud_.attempt(session, oss::put_bucket(name), context);
        const Outcome created = co_await std::move(creating);
        // OSS says so of other people's buckets only: one's own is made twice without complaint.
        if (created.failed_with(ErrorKind::conflict)) throw foreign(name, session.region);
        created.value();
    } else {
        found.value();
        Task<Outcome> reading = cloud_.attempt(session, oss::get_bucket_tags(name), context);
        const Outcome answer = co_await std::move(reading);
        std::map<std::string, std::string> tags;
        if (!answer.failed_with(ErrorKind::not_found)) tags = oss::read_tags(answer.value().body);
        if (belongs_to(tags, project)) co_return name;
        // One without any tags is ours, made by a run that was interrupted: the name carries our hash.
        if (!tags.empty()) throw foreign(name, session.region);
    }
    std::map<std::string, std::string> tags = session.settings.tags;
    tags[tag::project] = project;
    Task<HttpResponse> tagging = cloud_.send(session, oss::put_bucket_tags(name, tags), context);
    co_await std::move(tagging);
    co_return name;
}

Task<fc::CodeSource> SharedResources::upload(const Session& session, const std::string& project,
                                             const FdIdentity& identity, Bytes archive,
                                             StageContext& context) {
    fc::CodeSource code;
    code.bucket = session.settings.bucket;
    if (code.bucket.empty()) {
        std::function<Task<std::string>()> make = [this, &session, &project, &context] {
            return make_bucket(session, project, context);
        };
        Task<std::string> getting = buckets_.get(key_of(session, project), std::move(make));
        code.bucket = co_await std::move(getting);
    }
    code.object = "pyfops/" + identity.id() + "/" + sha256_hex(archive.view()) + ".zip";
    code.checksum = checksum(archive.view());
    context.progress(Stage::deploy, "uploading to oss://" + code.bucket, 0, archive.size());
    ApiCall put = oss::put_object(code.bucket, code.object, std::move(archive));
    Task<HttpResponse> sending = cloud_.send(session, std::move(put), context);
    co_await std::move(sending);
    co_return code;
}

Task<void> SharedResources::discard(const Session& session, const fc::CodeSource& code,
                                    StageContext& context) {
    if (code.object.empty()) co_return;
    Task<Outcome> deleting = cloud_.attempt(session, oss::delete_object(code.bucket, code.object), context);
    const Outcome outcome = co_await std::move(deleting);
    if (outcome.failure)
        context.host.log.warning("oss://" + code.bucket + "/" + code.object +
                                 " could not be deleted: " + outcome.failure->what());
}

Task<void> SharedResources::remove_bucket(const Session& session, std::string project,
                                          StageContext& context) {
    const std::string name = bucket_name(session.account, session.region, project);
    Task<Outcome> asking = cloud_.attempt(session, oss::get_bucket_tags(name), context);
    const Outcome tags = co_await std::move(asking);
    if (tags.failed_with(ErrorKind::not_found) || tags.failed_with(ErrorKind::forbidden)) co_return;
    if (!belongs_to(oss::read_tags(tags.value().body), project)) co_return;
    std::string continuation;
    do {
        Task<HttpResponse> listing = cloud_.send(session, oss::list_objects(name, continuation), context);
        const HttpResponse answer = co_await std::move(listing);
        const oss::Listing page = oss::read_listing(answer.body);
        for (const std::string& key : page.keys) {
            Task<HttpResponse> deleting = cloud_.send(session, oss::delete_object(name, key), context);
            co_await std::move(deleting);
        }
        continuation = page.continuation;
    } while (!continuation.empty());
    Task<Outcome> deleting = cloud_.attempt(session, oss::delete_bucket(name), context);
    const Outcome deleted = co_await std::move(deleting);
    if (!deleted.failed_with(ErrorKind::not_found)) deleted.value();
    buckets_.forget(key_of(session, project));
}

} // namespace pyfops::alibaba
