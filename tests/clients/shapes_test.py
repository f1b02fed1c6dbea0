# SPDX-License-Identifier: Apache-2.0
"""Answers of the local cloud beside answers that real AWS gave (recorded; values masked): the same keys, the same
types, the same words in errors."""

import json
import re

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ACCOUNT, NO_REFERENCE, REFERENCE, REGION, invoke, zipped

RECORDED = REFERENCE / "specs" / "aws" / "localstack-recorded"
if not RECORDED.is_dir():
    pytest.skip(NO_REFERENCE, allow_module_level=True)

CODE = "def handler(event, context):\n    return event\n"
API = json.loads((RECORDED / "lambda_api.recorded.json").read_text())
INVOKE = json.loads((RECORDED / "lambda_invoke.recorded.json").read_text())


def recorded(test, step, source=API):
    for name, content in source.items():
        if name.endswith(test):
            return content["recorded-content"][step]
    raise KeyError(test)


def shape(value):
    """Keys and types; masked values are strings whatever they were."""
    if isinstance(value, dict):
        return {k: shape(v) for k, v in value.items() if k != "ResponseMetadata"}
    if isinstance(value, list):
        return [shape(value[0])] if value else []
    if isinstance(value, bool):
        return "bool"
    return "value"


def compare(ours, theirs):
    theirs = theirs.get("CreateFunctionResponse", theirs)
    assert shape(ours) == shape(theirs)
    if "ResponseMetadata" in theirs:
        assert ours["ResponseMetadata"]["HTTPStatusCode"] == theirs["ResponseMetadata"]["HTTPStatusCode"]


def refused(call, theirs, **arguments):
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    ours = raised.value.response
    assert ours["ResponseMetadata"]["HTTPStatusCode"] == theirs["ResponseMetadata"]["HTTPStatusCode"]
    assert ours["Error"]["Code"] == theirs["Error"]["Code"]

    def keys(answer):
        return {k for k in answer if k not in ("ResponseMetadata", "Error")}

    assert keys(ours) == keys(theirs)
    message = theirs["Error"].get("Message")
    if message:
        # Masked parts are <...>; "<a:len(65)>" and the like too.
        message = message.replace("111111111111", ACCOUNT).replace("arn:<partition>", "arn:aws")
        expression = re.sub(r"<[^<>]+>", ".+", re.escape(message).replace(r"\<", "<").replace(r"\>", ">"))
        assert re.fullmatch(expression, ours["Error"]["Message"], re.S), (ours["Error"]["Message"], message)


def test_lifecycle(cloud, lam):
    test = "TestLambdaFunction::test_function_lifecycle"
    compare(
        cloud.function("s1", CODE, wait=False, Environment={"Variables": {}}),
        recorded(test, "create_response"),
    )
    lam.get_waiter("function_active_v2").wait(FunctionName="s1")
    compare(lam.get_function(FunctionName="s1"), recorded(test, "get_function_response"))
    cloud.faults(lambda__update_ms=500)
    compare(
        lam.update_function_configuration(FunctionName="s1", Environment={"Variables": {"ENV_A": "a"}}),
        recorded(test, "update_func_conf_response"),
    )
    lam.get_waiter("function_updated_v2").wait(FunctionName="s1")
    compare(lam.get_function(FunctionName="s1"), recorded(test, "get_function_response_postupdate"))
    compare(
        lam.update_function_code(FunctionName="s1", ZipFile=zipped({"main.py": "x = 1\n"})),
        recorded(test, "update_code_response"),
    )
    cloud.faults()
    compare(lam.delete_function(FunctionName="s1"), recorded(test, "delete_response"))
    refused(lam.delete_function, recorded(test, "delete_postdelete"), FunctionName="s1")


def test_versions(cloud, lam):
    test = "TestLambdaVersions::test_publish_version_on_create"
    compare(cloud.function("s2", CODE, wait=False, Publish=True), recorded(test, "create_response"))
    lam.get_waiter("published_version_active").wait(
        FunctionName="s2", Qualifier="1", WaiterConfig={"Delay": 1}
    )
    for qualifier, step in (("1", "get_function_version_result"), ("$LATEST", "get_function_latest_result")):
        compare(lam.get_function(FunctionName="s2", Qualifier=qualifier), recorded(test, step))
    compare(lam.list_versions_by_function(FunctionName="s2"), recorded(test, "list_versions_result"))
    compare(lam.publish_version(FunctionName="s2"), recorded(test, "repeated_publish_response"))
    test = "TestLambdaVersions::test_publish_with_wrong_sha256"
    refused(
        lam.publish_version,
        recorded(test, "publish_wrong_sha256_exc"),
        FunctionName="s2",
        CodeSha256="somenonexistentsha256",
    )
    test = "TestLambdaVersions::test_publish_with_wrong_revisionid"
    refused(
        lam.publish_version, recorded(test, "publish_wrong_revisionid_exc"), FunctionName="s2", RevisionId="x"
    )
    listed = recorded("TestLambdaFunction::test_list_functions", "list_default")
    ours = [f for f in lam.list_functions()["Functions"] if f["FunctionName"] == "s2"][0]
    assert shape(ours) | {"Environment": {"Variables": {}}} == shape(listed["Functions"][0])


def test_aliases(cloud, lam):
    test = "TestLambdaAlias::test_alias_lifecycle"
    cloud.function("s3", CODE)
    lam.publish_version(FunctionName="s3")
    lam.update_function_configuration(FunctionName="s3", Timeout=4)
    lam.get_waiter("function_updated_v2").wait(FunctionName="s3")
    lam.publish_version(FunctionName="s3")
    given = {
        "FunctionName": "s3",
        "Name": "aliasname1_1",
        "FunctionVersion": "1",
        "Description": "custom-alias",
        "RoutingConfig": {"AdditionalVersionWeights": {"2": 0.2}},
    }
    compare(lam.create_alias(**given), recorded(test, "create_alias_1_1"))
    compare(lam.get_alias(FunctionName="s3", Name="aliasname1_1"), recorded(test, "get_alias_1_1"))
    compare(
        lam.update_alias(
            FunctionName="s3", Name="aliasname1_1", RoutingConfig={"AdditionalVersionWeights": {}}
        ),
        recorded(test, "update_alias_1_1"),
    )
    refused(
        lam.get_function,
        recorded(test, "get_function_alias_notfound_exc"),
        FunctionName="s3",
        Qualifier="aliasdoesnotexist",
    )
    test = "TestLambdaAlias::test_notfound_and_invalid_routingconfigs"
    unchecked = cloud.client("lambda", config=Config(parameter_validation=False))
    for step, version, weights in [
        ("routing_config_exc_toohigh", "1", {"2": 2.0}),
        ("routing_config_exc_subzero", "1", {"2": -1.0}),
        ("routing_config_exc_sameversion", "1", {"1": 0.5}),
        ("routing_config_exc_version_latest", "1", {"$LATEST": 0.5}),
        ("target_version_doesnotexist", "10", {}),
    ]:
        refused(
            unchecked.create_alias,
            recorded(test, step),
            FunctionName="s3",
            Name="custom",
            FunctionVersion=version,
            RoutingConfig={"AdditionalVersionWeights": weights},
        )
    test = "TestLambdaAlias::test_alias_naming"
    refused(
        lam.create_alias,
        recorded(test, "create_alias_number_exception"),
        FunctionName="s3",
        Name="2024",
        FunctionVersion="1",
    )
    refused(
        lam.update_alias,
        recorded("test_non_existent_alias_update", "update_alias_response"),
        FunctionName="s3",
        Name="non-existent",
    )


def test_permissions(cloud, lam):
    cloud.function("s4", CODE)
    test = "TestLambdaPermissions::test_permission_exceptions"
    add = {
        "FunctionName": "s4",
        "StatementId": "s3",
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    }
    lam.add_permission(**add)
    for step, change in [
        ("add_permission_invalid_statement_id", {"StatementId": "example.com"}),
        ("add_permission_fn_qualifier_latest", {"Qualifier": "$LATEST"}),
        ("add_permission_principal_invalid", {"Principal": "invalid.nonaws.com", "StatementId": "x"}),
        ("add_permission_fn_doesnotexist", {"FunctionName": "doesnotexist"}),
        ("add_permission_fn_alias_doesnotexist", {"Qualifier": "alias-doesnotexist"}),
        ("add_permission_fn_version_doesnotexist", {"Qualifier": "42"}),
        ("add_permission_fn_qualifier_invalid", {"Qualifier": "invalid-qualifier-with-?-char"}),
        ("add_permission_conflicting_statement_id", {}),
    ]:
        refused(lam.add_permission, recorded(test, step), **(add | change))
    refused(lam.get_policy, recorded(test, "get_policy_fn_doesnotexist"), FunctionName="doesnotexist")
    refused(
        lam.remove_permission,
        recorded(test, "remove_permission_fn_doesnotexist"),
        FunctionName="doesnotexist",
        StatementId="s3",
    )
    test = "TestLambdaPermissions::test_remove_multi_permissions"
    refused(
        lam.remove_permission,
        recorded(test, "remove_permission_exception_nonexisting_sid"),
        FunctionName="s4",
        StatementId="non-existent",
    )
    policy = json.loads(lam.get_policy(FunctionName="s4")["Policy"])
    assert shape(policy) == shape(recorded(test, "policy_after_removal")["Policy"])


def test_urls(cloud, lam):
    cloud.function("s5", CODE)
    test = "TestLambdaUrl::test_url_config_lifecycle"
    compare(
        lam.create_function_url_config(FunctionName="s5", AuthType="NONE"), recorded(test, "url_creation")
    )
    compare(lam.get_function_url_config(FunctionName="s5"), recorded(test, "get_url_config"))
    refused(
        lam.create_function_url_config,
        recorded(test, "failed_duplication"),
        FunctionName="s5",
        AuthType="NONE",
    )
    compare(
        lam.update_function_url_config(FunctionName="s5", AuthType="AWS_IAM"),
        recorded(test, "updated_url_config"),
    )
    lam.delete_function_url_config(FunctionName="s5")
    refused(lam.get_function_url_config, recorded(test, "failed_getter"), FunctionName="s5")
    test = "TestLambdaUrl::test_url_config_exceptions"
    refused(
        lam.update_function_url_config,
        recorded(test, "update_function_url_config_name_doesnotexist"),
        FunctionName="doesnotexist",
        AuthType="NONE",
    )
    refused(
        lam.delete_function_url_config,
        recorded(test, "delete_function_url_config_qualifier_latest"),
        FunctionName="s5",
        Qualifier="$LATEST",
    )


def test_tags_concurrency_account(cloud, lam):
    arn = cloud.function("s6", CODE)["FunctionArn"]
    test = "TestLambdaTags::test_tag_exceptions"
    compare(lam.list_tags(Resource=arn), recorded(test, "list_tag_lambda_empty"))
    compare(lam.untag_resource(Resource=arn, TagKeys=["x"]), recorded(test, "untag_nomatch"))
    refused(
        lam.tag_resource,
        recorded(test, "tag_lambda_invalidarn"),
        Resource="arn:aws:something",
        Tags={"k": "v"},
    )
    refused(
        lam.tag_resource,
        recorded(test, "tag_lambda_doesnotexist"),
        Resource=arn.replace("s6", "doesnotexist"),
        Tags={"k": "v"},
    )
    refused(
        lam.tag_resource,
        recorded(test, "tag_lambda_qualifier_doesnotexist"),
        Resource=arn + ":v1",
        Tags={"k": "v"},
    )
    refused(lam.tag_resource, recorded(test, "tag_empty_tags"), Resource=arn, Tags={})
    test = "TestLambdaReservedConcurrency::test_function_concurrency"
    compare(
        lam.put_function_concurrency(FunctionName="s6", ReservedConcurrentExecutions=1),
        recorded(test, "put_function_concurrency_with_reserved_1"),
    )
    compare(lam.get_function_concurrency(FunctionName="s6"), recorded(test, "get_function_concurrency"))
    compare(lam.delete_function_concurrency(FunctionName="s6"), recorded(test, "delete_response"))
    compare(
        lam.get_function_concurrency(FunctionName="s6"),
        recorded(test, "get_function_concurrency_after_delete"),
    )
    settings = recorded("TestLambdaAccountSettings::test_account_settings", "acc_settings_modded")
    ours = lam.get_account_settings()
    for part in ("AccountLimit", "AccountUsage"):
        assert sorted(ours[part]) == sorted(settings[part])


NAMES = [
    (name.split("[")[1][:-1], content["recorded-content"])
    for name, content in API.items()
    if "test_function_name_and_qualifier_validation[" in name
]
CASES = {
    "function_name_is_single_invalid": ("*", None),
    "invalid_characters_in_function_name": ("my-function!", None),
    "invalid_characters_in_qualifier": ("my-function", "invalid!"),
    "qualifier_too_long0": ("my-function", "a" * 129),
    "invalid_account_id_in_partial_arn": ("invalid-account:function:my-function", None),
    "invalid_region_in_arn": ("arn:aws:lambda:invalid-region:%s:function:my-function" % ACCOUNT, None),
    "non_lambda_arn": ("arn:aws:ec2:%s:%s:instance:i-1234567890abcdef0" % (REGION, ACCOUNT), None),
    "function_name_too_long": ("a" * 65, None),
    "incomplete_arn": ("arn:aws:lambda:%s:%s:function" % (REGION, ACCOUNT), None),
    "partial_arn_with_extra_qualifier": ("function:my-function:$LATEST:extra", None),
}


@pytest.mark.parametrize("operation", ["get_function", "delete_function", "invoke"])
@pytest.mark.parametrize("case", CASES)
def test_names(lam, case, operation):
    name, qualifier = CASES[case]
    for key, steps in NAMES:
        if key == "%s-%s" % (case, operation) and steps:
            theirs = next(iter(steps.values()))
    arguments = {"FunctionName": name}
    if qualifier:
        arguments["Qualifier"] = qualifier
    with pytest.raises(ClientError) as raised:
        getattr(lam, operation)(**arguments)
    ours = raised.value.response["Error"]
    assert ours["Code"] == theirs["Code"]
    if "Errors" in theirs:
        count = theirs["Count"]
        assert ours["Message"].startswith(
            "%d validation error%s detected: " % (count, "s" if count > 1 else "")
        )
        for error in theirs["Errors"]:
            assert error.split("failed to satisfy constraint: ")[1] in ours["Message"]
    else:
        assert ours["Message"].startswith(
            "Function not found: arn:aws:lambda:%s:%s:function:" % (REGION, ACCOUNT)
        )


def test_invocations(cloud, lam):
    cloud.function(
        "s7",
        "import sys\ndef handler(event, context):\n    if event == 'exit':\n        sys.exit(0)\n    if event:\n        raise Exception('Handler fails')\n",
    )
    theirs = recorded("test_lambda_handler_error", "invocation_error", INVOKE)
    answer, error, _ = invoke(lam, "s7", 1)
    assert list(error) == list(theirs["Payload"]) and answer["FunctionError"] == theirs["FunctionError"]
    theirs = recorded("test_lambda_handler_exit", "invocation_error", INVOKE)
    answer, error, _ = invoke(lam, "s7", "exit")
    assert list(error) == list(theirs["Payload"])
    assert error["errorMessage"].split("Error: ")[1] == theirs["Payload"]["errorMessage"].split("Error: ")[1]
    assert invoke(lam, "s7", None)[1] is None
    lines = recorded("test_invocation_with_logs[python3.10]", "logs", INVOKE)["logs"]
    log = invoke(lam, "s7", None)[2].splitlines(keepends=True)
    for ours, line in zip((log[0], log[-2]), (lines[0], lines[-2])):
        assert re.fullmatch(
            re.sub(r"<[^<>]+>", ".+", re.escape(line).replace(r"\<", "<").replace(r"\>", ">")), ours
        )
    report = lines[-1].split("\tInit Duration")[0]
    assert [part.split(":")[0] for part in report.split("\t")] == [
        part.split(":")[0] for part in log[-1].split("\t")[:5]
    ]
