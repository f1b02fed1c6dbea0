# SPDX-License-Identifier: Apache-2.0
"""Credentials, rights, roles and regions: exit code 3 when nothing else is wrong, 1 when others succeeded."""

import unittest

from harness import BadInput

KEYS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
SERVICES = ("STS", "LAMBDA", "IAM", "S3", "CLOUDWATCH_LOGS")


class Credentials(BadInput):
    def refused(self, *says, environment=None, code=3):
        """A run that is refused: told at the deployment's place, recorded as failed, nothing made."""
        self.project()
        result = self.check(
            "run",
            code=code,
            says=("good aws/eu-central-1\nerror: ", "  hint: ", *says),
            environment=environment,
        )
        self.assert_nothing_in_the_cloud()
        self.assert_rows(deployed=0, total=1)
        return result

    def test_none_at_all(self):
        self.refused(
            "no AWS credentials were found",
            "AWS_ACCESS_KEY_ID is not set",
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
            environment=dict.fromkeys(KEYS, ""),
        )

    def test_half_of_them(self):
        self.refused(
            "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not",
            "Set both, or neither",
            environment={"AWS_SECRET_ACCESS_KEY": ""},
        )

    def test_a_profile_that_does_not_exist(self):
        self.refused(
            "there is no AWS profile 'nobody'",
            "Check AWS_PROFILE",
            environment={**dict.fromkeys(KEYS, ""), "AWS_PROFILE": "nobody"},
        )

    def test_an_unknown_key(self):
        self.refused(
            "AWS does not know the credentials",
            "Check the access key (from environment)",
            environment={"AWS_ACCESS_KEY_ID": "AKIANOBODYKNOWSTHIS0"},
        )

    def test_a_wrong_secret_is_never_shown(self):
        secret = "this-is-no-secret-of-that-key-0123456789"
        result = self.refused(
            "AWS does not accept the signature",
            "Check the secret access key (environment)",
            environment={"AWS_SECRET_ACCESS_KEY": secret},
        )
        self.assertNotIn(secret, result.stderr + result.stdout)

    def test_expired_before_the_run(self):
        self.cloud.faults({"operation": "sts:*", "action": "status", "status": 403, "code": "ExpiredToken"})
        self.refused("the AWS credentials (environment) have expired", "Get new ones")

    def test_expired_in_the_middle(self):
        self.cloud.faults(
            {
                "operation": "lambda:CreateFunction",
                "action": "status",
                "status": 403,
                "code": "ExpiredTokenException",
            }
        )
        self.project()
        self.check("run", code=3, says=("the AWS credentials (environment) have expired", "Get new ones"))
        self.assert_rows(deployed=0, total=1)
        self.assertEqual(self.cloud.functions(self.name), [])
        self.assert_converges(1)

    def test_without_the_right(self):
        for operation, code in (
            ("iam:CreateRole", "AccessDenied"),
            ("lambda:GetFunction", "AccessDeniedException"),
        ):
            with self.subTest(operation=operation):
                self.cloud.faults({"operation": operation, "action": "status", "status": 403, "code": code})
                self.refused(
                    f"AWS does not allow {operation} in eu-central-1",
                    f"Allow {operation}",
                    "docs/providers/aws.md",
                )
        self.assert_converges(1)


class Roles(BadInput):
    def with_role(self, arn, *says, code, settings=None):
        # Each service by its own variable: with AWS_ENDPOINT_URL on loopback the project's role would not count.
        self.environment.pop("AWS_ENDPOINT_URL")
        self.project(providers={"aws": {"role": arn}})
        self.cloud.faults(**(settings or {}))
        self.check("run", "--timeout", "4s", code=code, says=says)
        self.assert_rows(deployed=0, total=1)
        self.assert_nothing_in_the_cloud()

    def test_a_role_of_another_account(self):
        self.with_role(
            "arn:aws:iam::123456789012:role/theirs",
            "The role defined for the function cannot be assumed by Lambda",
            "Check that the role trusts lambda.amazonaws.com",
            code=1,
        )

    def test_a_role_that_is_no_role(self):
        self.project(providers={"aws": {"role": "administrator"}})
        self.check("run", code=2, says=("pyfops.yaml:1:", "administrator"))
        self.assert_nothing_recorded()


class Regions(BadInput):
    def test_a_region_that_is_not_enabled_stops_no_other(self):
        self.project(regions=("eu-central-1", "af-south-1"))
        self.cloud.faults(**{"regions.disabled": ["af-south-1"]})
        self.check(
            "run",
            code=1,
            says=(
                "good aws/af-south-1\nerror: ",
                "AWS does not know the credentials in af-south-1",
                "Enable region af-south-1",
                "1 of 2 deployments failed",
            ),
        )
        self.assertEqual(self.cloud.functions(self.name), [f"eu-central-1/{self.name}-good"])
        self.assert_rows(deployed=1, total=2)
        self.assert_converges(2)

    def test_alone_it_is_a_matter_of_credentials(self):
        self.project(regions=("af-south-1",))
        self.cloud.faults(**{"regions.disabled": ["af-south-1"]})
        self.check("run", code=3, says="Enable region af-south-1")
        self.assert_nothing_in_the_cloud()


if __name__ == "__main__":
    unittest.main()
