// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/store.hpp"

#include <string>

namespace pyfops::testing {

inline RunRecord a_run(const std::string& uuid = "run-1") {
    return {uuid, "demo", "run", Realm::real, from_iso8601("2026-11-23T06:47:00Z"), "0.1.0"};
}

inline FdIdentity an_identity(const std::string& function = "thumbnail",
                              const std::string& project = "demo") {
    return {project, function, "aws", "eu-central-1", Realm::real, "auto"};
}

inline IntentRecord an_intent(const FdIdentity& identity = an_identity()) {
    IntentRecord intent;
    intent.identity = identity;
    intent.function_type = identity.function + "Type";
    intent.provider_afcl_name = "AWS";
    intent.provider_short = "AWS";
    intent.region_location = "Frankfurt";
    intent.python = "3.11";
    intent.runtime = "python3.11";
    intent.handler = "thumbnail:handler";
    intent.source_path = "functions/thumbnail";
    intent.cloud_name = cloud_name(identity, 64);
    intent.memory_mb = 128;
    intent.timeout_seconds = 30;
    intent.first_input = {{"w", 200}};
    return intent;
}

inline OutcomeRecord an_outcome(const FdIdentity& identity = an_identity(), int total_ms = 1000) {
    OutcomeRecord outcome;
    outcome.identity = identity;
    outcome.link = "arn:aws:lambda:" + identity.region +
                   ":123456789012:function:" + cloud_name(identity, 64) +
                   (identity.realm == Realm::local ? ":local" : "");
    outcome.memory_mb = 256;
    outcome.timeout_seconds = 60;
    outcome.package_bytes = 4321;
    outcome.unzipped_bytes = 9876;
    outcome.content_hash = std::string(64, 'a');
    outcome.action = DeployAction::created;
    outcome.times = {Milliseconds(100), Milliseconds(total_ms - 100), Milliseconds(total_ms)};
    return outcome;
}

} // namespace pyfops::testing
