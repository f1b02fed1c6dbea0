// SPDX-License-Identifier: Apache-2.0
// The same provider on a host of Apache OpenWhisk.
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks openwhisk;
    openwhisk.provider = "ibm";
    openwhisk.region = "eu-de";
    openwhisk.settings = {{"api", "openwhisk"}};
    openwhisk.secrets = {"__OW_API_KEY"};

    openwhisk.create = "openwhisk:CreateAction";
    openwhisk.invoke = "openwhisk:InvokeWebAction";
    openwhisk.list = "openwhisk:ListActions";
    openwhisk.code = {"openwhisk:CreateAction"};
    openwhisk.changed_code = {"openwhisk:UpdateAction"};
    openwhisk.changed_memory = {"openwhisk:UpdateAction"};
    openwhisk.changed_timeout = {"openwhisk:UpdateAction"};

    // A namespace keeps the records of what its actions did.
    openwhisk.kept_documents = {"ibm/keys/", "ibm/activations/"};
    const char* at_once = "OpenWhisk's writes are in force when they are answered: an action has no states";
    openwhisk.not_applicable = {{"deploy.regions", "a host has no regions: the project's is a label"},
                                {"states.slow", at_once},
                                {"states.failed", at_once},
                                {"states.deleting", at_once},
                                {"states.deleting-twin", at_once}};
    return pyfops::conformance::main(argc, argv, openwhisk);
}
