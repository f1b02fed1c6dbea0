// SPDX-License-Identifier: Apache-2.0
#include "pyfops/conformance/suite.hpp"

int main(int argc, char** argv) {
    pyfops::conformance::Quirks aws;
    aws.provider = "aws";
    aws.region = "eu-central-1";
    aws.second_region = "us-east-1";
    aws.secrets = {"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"};

    aws.create = "lambda:CreateFunction";
    aws.invoke = "lambda:Invoke";
    aws.list = "lambda:ListFunctions";
    aws.reads = {"sts:*", "iam:Get*", "iam:List*", "logs:FilterLogEvents"};
    aws.code = {"lambda:CreateFunction", "lambda:UpdateFunctionCode", "s3:*"};
    aws.changed_code = {"lambda:UpdateFunctionCode", "lambda:TagResource"};
    aws.changed_memory = {"lambda:UpdateFunctionConfiguration"};
    aws.changed_timeout = {"lambda:UpdateFunctionConfiguration"};

    // Sessions of the functions' role: they end by themselves.
    aws.kept_documents = {"aws/keys/", "aws/key-index/"};
    // Lambda tells credentials that it does not know with 403.
    aws.unauthenticated = {403, "UnrecognizedClientException"};
    aws.cloud = {{"lambda.pending_ms", 0}, {"lambda.update_ms", 0}, {"iam.propagation_ms", 0}};
    aws.slow_states = {{"lambda.pending_ms", 500}, {"lambda.update_ms", 500}, {"iam.propagation_ms", 500}};
    const char* at_once =
        "DeleteFunction is done when it answers: Lambda's zip functions are never 'Deleting'";
    aws.not_applicable = {{"states.deleting", at_once}, {"states.deleting-twin", at_once}};
    return pyfops::conformance::main(argc, argv, aws);
}
