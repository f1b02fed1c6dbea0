// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks ibm;
    ibm.provider = "ibm";
    ibm.region = "eu-de";
    ibm.second_region = "us-south";
    ibm.secrets = {"CODE_ENGINE_APIKEY"};

    ibm.create = "codeengine:CreateFunction";
    ibm.invoke = "codeengine:Invoke";
    ibm.list = "codeengine:ListFunctions";
    ibm.reads = {"iam:*"};
    // codeengine:UpdateFunction carries what differs, code or not: what it has is checked in the provider's
    // tests.
    ibm.code = {"codeengine:CreateFunction", "codeengine:CreateBuildRun"};
    ibm.changed_code = {"codeengine:UpdateFunction"};
    ibm.changed_memory = {"codeengine:UpdateFunction"};
    ibm.changed_timeout = {"codeengine:UpdateFunction"};

    ibm.memory_mb = 1024;
    ibm.more_memory_mb = 2048;

    // Each project is a Code Engine project, whose name begins with "pyfops" too.
    ibm.projects_apart = true;
    ibm.hidden_mark = {{"PYFOPS", "OTHERS"}};
    // A deleted project can be restored for a week.
    ibm.kept_documents = {"ibm/keys/", "ibm/projects/"};
    ibm.cloud = {{"ibm.project_ms", 0},
                 {"ibm.deploy_ms", 0},
                 {"ibm.update_ms", 0},
                 {"ibm.delete_ms", 0},
                 {"ibm.projects", 10'000}};
    ibm.slow_states = {
        {"ibm.project_ms", 500}, {"ibm.deploy_ms", 500}, {"ibm.update_ms", 500}, {"ibm.delete_ms", 500}};
    ibm.failing_states = {{"states.fail", "no_code_bundle"}};
    ibm.failing_words = {"no_code_bundle", "ready_last_update_failed"};
    ibm.deleting_states = {{"ibm.delete_ms", 500}};
    ibm.begins_deleting = "codeengine:DeleteFunction";
    ibm.not_applicable = {{"instance.logs", "Code Engine has no API for what functions print"}};
    return pyfops::conformance::main(argc, argv, ibm);
}
