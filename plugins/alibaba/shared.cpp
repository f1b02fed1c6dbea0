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

std::string objects_of(const FdIdentity& identity) {
    return "pyfops/" + identity.id() + "/";
}

std::string object_key(const FdIdentity& identity, const Bytes& archive) {
    return objects_of(identity) + sha256_hex(archive.view()) + ".zip";
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
    code.object = object_key(identity, archive);
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

Task<void> SharedResources::remove_objects(const Session& session, std::string bucket, std::string prefix,
                                           StageContext& context) {
    std::string continuation;
    do {
        ApiCall list = oss::list_objects(bucket, prefix, continuation);
        Task<HttpResponse> listing = cloud_.send(session, std::move(list), context);
        const HttpResponse answer = co_await std::move(listing);
        const oss::Listing page = oss::read_listing(answer.body);
        for (const std::string& key : page.keys) {
            Task<HttpResponse> deleting = cloud_.send(session, oss::delete_object(bucket, key), context);
            co_await std::move(deleting);
        }
        continuation = page.continuation;
    } while (!continuation.empty());
}

Task<void> SharedResources::tidy(const Session& session, std::string bucket, std::string prefix,
                                 StageContext& context) {
    try {
        Task<void> removing = remove_objects(session, bucket, prefix, context);
        co_await std::move(removing);
    } catch (const Error& failure) {
        if (failure.kind() == ErrorKind::cancelled) throw;
        if (failure.kind() != ErrorKind::not_found) // no such bucket
            context.host.log.warning("what is left in oss://" + bucket + "/" + prefix +
                                     " could not be deleted: " + failure.what());
    }
}

Task<void> SharedResources::discard_leftover(const Session& session, const std::string& project,
                                             const FdIdentity& identity, const Bytes& archive,
                                             StageContext& context) {
    std::string bucket = session.settings.bucket;
    if (bucket.empty()) bucket = bucket_name(session.account, session.region, project);
    Task<void> tidying = tidy(session, std::move(bucket), object_key(identity, archive), context);
    co_await std::move(tidying);
}

Task<void> SharedResources::discard_all(const Session& session, const FdIdentity& identity,
                                        StageContext& context) {
    if (session.settings.bucket.empty()) co_return;
    Task<void> tidying = tidy(session, session.settings.bucket, objects_of(identity), context);
    co_await std::move(tidying);
}

Task<void> SharedResources::remove_bucket(const Session& session, std::string project,
                                          StageContext& context) {
    const std::string name = bucket_name(session.account, session.region, project);
    Task<Outcome> asking = cloud_.attempt(session, oss::get_bucket_tags(name), context);
    const Outcome tags = co_await std::move(asking);
    if (tags.failed_with(ErrorKind::forbidden)) co_return;
    std::map<std::string, std::string> known;
    if (!tags.failed_with(ErrorKind::not_found))
        known = oss::read_tags(tags.value().body);
    else if (tags.failure->provider_code() == "NoSuchBucket")
        co_return;
    // One without any tags is of a run that was stopped, as in make_bucket: nothing of ours can be in it.
    const bool finished = belongs_to(known, project);
    if (!finished && !known.empty()) co_return;
    if (finished) {
        Task<void> emptying = remove_objects(session, name, std::string(), context);
        co_await std::move(emptying);
    }
    Task<Outcome> deleting = cloud_.attempt(session, oss::delete_bucket(name), context);
    const Outcome deleted = co_await std::move(deleting);
    if (!finished && deleted.failed_with(ErrorKind::conflict)) co_return; // somebody's things are in it
    if (!deleted.failed_with(ErrorKind::not_found)) deleted.value();
    buckets_.forget(key_of(session, project));
}

} // namespace pyfops::alibaba
