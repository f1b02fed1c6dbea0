// SPDX-License-Identifier: Apache-2.0
// The same provider on the classic Consumption plan.
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    using Cause = pyfops::FunctionError::Cause;
    pyfops::conformance::Quirks classic;
    classic.provider = "azure";
    classic.region = "westeurope";
    classic.second_region = "eastus";
    classic.settings = {{"plan", "consumption"}};
    classic.secrets = {"AZURE_CLIENT_SECRET"};

    classic.create = "web:PutSite";
    classic.invoke = "azure:Invoke";
    classic.list = "web:ListSites";
    classic.reads = {"entra:*", "*:List*", "*:Check*", "insights:*"};
    classic.code = {"blob:*"};
    classic.changed_code = {"resources:PutTags", "blob:PutBlob",     "web:PutSettings",
                            "blob:DeleteBlob",   "web:SyncTriggers", "resources:PutTags"};
    classic.changed_timeout = {"web:PutSettings"};

    classic.memory_mb = classic.more_memory_mb = 1536;
    classic.event_bytes = classic.answer_bytes = 8u << 20;
    classic.ample_timeout = 230;
    classic.out_of_memory = {{Cause::exited}};
    classic.answer_too_large = {{Cause::exited}};

    classic.projects_apart = true;
    classic.extends_names = true;
    classic.begins_deleting = "resources:DeleteGroup";
    classic.server_error = {503, ""};
    classic.kept_documents = {"azure/providers/", "azure/operations/"};
    classic.cloud = {{"azure.create_ms", 0}, {"azure.update_ms", 0},  {"azure.storage_ms", 0},
                     {"azure.delete_ms", 0}, {"azure.publish_ms", 0}, {"azure.register_ms", 0}};
    classic.slow_states = {{"azure.create_ms", 500}, {"azure.storage_ms", 500}, {"azure.delete_ms", 500}};
    classic.deleting_states = {{"azure.delete_ms", 500}};
    classic.not_applicable = {
        {"configure.memory", "the classic plan has one size of memory"},
        {"states.failed", "an update of the classic plan is a blob and a setting, in force when answered"}};
    return pyfops::conformance::main(argc, argv, classic);
}
