// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks google;
    google.provider = "google";
    google.region = "europe-west1";
    google.second_region = "us-central1";
    google.secret_files = {{"GOOGLE_APPLICATION_CREDENTIALS", {"private_key"}}};

    google.create = "cloudfunctions:CreateFunction";
    google.invoke = "run:Invoke";
    google.list = "cloudfunctions:ListFunctions";
    google.reads = {"oauth2:*", "logging:ListLogEntries"};
    google.code = {"cloudfunctions:CreateFunction", "cloudfunctions:GenerateUploadUrl", "storage:*"};
    google.changed_code = {"cloudfunctions:GenerateUploadUrl", "storage:PutObject",
                           "cloudfunctions:UpdateFunction"};
    google.changed_memory = {"cloudfunctions:UpdateFunction"};
    google.changed_timeout = {"cloudfunctions:UpdateFunction"};

    google.memory_mb = 512; // the largest events are 32 MB
    google.more_memory_mb = 1024;

    // Google keeps operations for a while, and forgets uploads by itself.
    google.kept_documents = {"google/keys/", "google/operations/", "google/uploads/"};
    google.cloud = {{"google.create_ms", 0}, {"google.update_ms", 0}, {"google.delete_ms", 0}};
    google.slow_states = {{"google.create_ms", 500}, {"google.update_ms", 500}, {"google.delete_ms", 500}};
    google.deleting_states = {{"google.delete_ms", 500}};
    return pyfops::conformance::main(argc, argv, google);
}
