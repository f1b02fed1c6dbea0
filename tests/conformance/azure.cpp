// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks azure;
    azure.provider = "azure";
    azure.region = "westeurope";
    azure.second_region = "eastus";
    azure.secrets = {"AZURE_CLIENT_SECRET"};

    azure.create = "web:PutSite";
    azure.invoke = "azure:Invoke";
    azure.list = "web:ListSites";
    azure.reads = {"entra:*", "*:List*", "*:Check*", "insights:*"};
    azure.code = {"scm:Publish", "blob:*"};
    azure.changed_code = {"resources:PutTags", "scm:Publish", "web:SyncTriggers", "resources:PutTags"};
    azure.changed_memory = {"web:PutSite", "web:PutSettings"};
    azure.changed_timeout = {"web:PutSettings"};

    azure.memory_mb = 512;
    azure.more_memory_mb = 2048;
    // As much as an instance of 512 MB has room for several times.
    azure.event_bytes = azure.answer_bytes = 8u << 20;

    // Azure does not say why a function's process ended; whether its time was up is told by how long it took.
    azure.ample_timeout = 230;
    azure.out_of_memory = {{pyfops::FunctionError::Cause::exited}};
    azure.answer_too_large = {{pyfops::FunctionError::Cause::exited}};

    // Each project is a resource group; apps' names end with a hash of the subscription.
    azure.projects_apart = true;
    azure.extends_names = true;
    azure.begins_deleting = "resources:DeleteGroup";
    // 500 without a word is how the host tells of a function's process that ended.
    azure.server_error = {503, ""};
    // Registrations of the subscription stay; Azure forgets its operations by itself.
    azure.kept_documents = {"azure/providers/", "azure/operations/"};
    azure.cloud = {{"azure.create_ms", 0}, {"azure.update_ms", 0},  {"azure.storage_ms", 0},
                   {"azure.delete_ms", 0}, {"azure.publish_ms", 0}, {"azure.register_ms", 0}};
    azure.slow_states = {{"azure.create_ms", 500},
                         {"azure.update_ms", 500},
                         {"azure.storage_ms", 500},
                         {"azure.delete_ms", 500},
                         {"azure.publish_ms", 500}};
    azure.deleting_states = {{"azure.delete_ms", 500}};
    return pyfops::conformance::main(argc, argv, azure);
}
