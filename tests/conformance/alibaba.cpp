// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks alibaba;
    alibaba.provider = "alibaba";
    alibaba.region = "eu-central-1";
    alibaba.second_region = "cn-hangzhou";
    alibaba.secrets = {"ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"};

    alibaba.create = "fc:CreateFunction";
    alibaba.invoke = "fc:InvokeFunction";
    alibaba.list = "fc:ListFunctions";
    alibaba.reads = {"sts:*"};
    // fc:UpdateFunction carries code or configuration or both: what it has is checked in the provider's
    // tests.
    alibaba.code = {"fc:CreateFunction", "oss:*"};
    alibaba.changed_code = {"fc:UpdateFunction", "fc:TagResources"};
    alibaba.changed_memory = {"fc:UpdateFunction"};
    alibaba.changed_timeout = {"fc:UpdateFunction"};

    // Sessions of the functions' roles end by themselves; logs stay, as in a Logstore.
    alibaba.kept_documents = {"alibaba/keys/", "alibaba/key-index/", "alibaba/logs/"};
    // Function Compute tells credentials that it does not know with 403.
    alibaba.unauthenticated = {403, "InvalidAccessKeyID"};
    alibaba.cloud = {{"alibaba.pending_ms", 0}, {"alibaba.update_ms", 0}};
    alibaba.slow_states = {{"alibaba.pending_ms", 500}, {"alibaba.update_ms", 500}};
    const char* at_once = "DeleteFunction is done when it answers: there is no state 'Deleting'";
    alibaba.not_applicable = {{"states.deleting", at_once}, {"states.deleting-twin", at_once}};
    return pyfops::conformance::main(argc, argv, alibaba);
}
