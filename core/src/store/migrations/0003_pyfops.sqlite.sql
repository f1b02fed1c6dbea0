-- SPDX-License-Identifier: Apache-2.0
-- What the AFCL tables have no place for. Times are UTC in ISO 8601, durations milliseconds, sizes bytes.

-- One command.
CREATE TABLE IF NOT EXISTS `pyfops_run` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `uuid` varchar(64) NOT NULL,
  `project` varchar(255) NOT NULL,
  `command` varchar(64) NOT NULL,
  `realm` varchar(16) NOT NULL,
  `started` varchar(32) NOT NULL,
  `finished` varchar(32) DEFAULT NULL,
  `succeeded` int(11) DEFAULT NULL,
  `summary` longtext DEFAULT NULL,
  `pyfops_version` varchar(32) NOT NULL,
  CONSTRAINT `pyfops_run_uuid` UNIQUE (`uuid`)
);

-- Whose function implementation that is.
CREATE TABLE IF NOT EXISTS `pyfops_fi` (
  `fi_id` bigint(20) NOT NULL,
  `identity` varchar(16) NOT NULL,
  `project` varchar(255) NOT NULL,
  `function_name` varchar(255) NOT NULL,
  `provider` varchar(255) NOT NULL,
  `realm` varchar(16) NOT NULL,
  PRIMARY KEY (`fi_id`),
  CONSTRAINT `pyfops_fi_identity` UNIQUE (`identity`)
);

-- Whose function deployment that is, and its state.
CREATE TABLE IF NOT EXISTS `pyfops_fd` (
  `fd_id` bigint(20) NOT NULL,
  `identity` varchar(16) NOT NULL,
  `project` varchar(255) NOT NULL,
  `function_name` varchar(255) NOT NULL,
  `provider` varchar(255) NOT NULL,
  `region` varchar(255) NOT NULL,
  `realm` varchar(16) NOT NULL,
  `slot` varchar(32) NOT NULL,
  `state` varchar(16) NOT NULL,
  `cloud_name` varchar(255) NOT NULL,
  `content_hash` varchar(64) NOT NULL DEFAULT '',
  `first_input` longtext DEFAULT NULL,
  `package_bytes` bigint(20) NOT NULL DEFAULT 0,
  `deployment_ms` double NOT NULL DEFAULT 0,
  `updated` varchar(32) NOT NULL,
  PRIMARY KEY (`fd_id`),
  CONSTRAINT `pyfops_fd_identity` UNIQUE (`identity`)
);

-- Keeps resource links unique, which functiondeployment does not. Without case, as its readers compare.
CREATE TABLE IF NOT EXISTS `pyfops_link` (
  `link` varchar(255) NOT NULL COLLATE NOCASE,
  `fd_id` bigint(20) NOT NULL,
  PRIMARY KEY (`link`),
  CONSTRAINT `pyfops_link_fd` UNIQUE (`fd_id`)
);

-- Every deployment of a function deployment; avgDeploymentTime is the mean of `total_ms` over those that
-- changed something.
CREATE TABLE IF NOT EXISTS `pyfops_deployment` (
  `run_id` bigint(20) NOT NULL,
  `fd_id` bigint(20) NOT NULL,
  `action` varchar(16) NOT NULL,
  `upload_ms` double NOT NULL,
  `activation_ms` double NOT NULL,
  `total_ms` double NOT NULL,
  `package_bytes` bigint(20) NOT NULL,
  `unzipped_bytes` bigint(20) NOT NULL,
  `memory_mb` int(11) NOT NULL,
  `timeout_seconds` int(11) NOT NULL,
  `content_hash` varchar(64) NOT NULL,
  PRIMARY KEY (`run_id`, `fd_id`)
);
CREATE INDEX IF NOT EXISTS `pyfops_deployment_fd` ON `pyfops_deployment` (`fd_id`);

CREATE TABLE IF NOT EXISTS `pyfops_stage` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `run_id` bigint(20) NOT NULL,
  `identity` varchar(16) NOT NULL,
  `subject` longtext NOT NULL,
  `stage` varchar(16) NOT NULL,
  `started` varchar(32) NOT NULL,
  `duration_ms` double NOT NULL,
  `succeeded` int(11) NOT NULL,
  `outcome` longtext NOT NULL,
  `error_kind` varchar(32) NOT NULL,
  `message` longtext NOT NULL
);
CREATE INDEX IF NOT EXISTS `pyfops_stage_run` ON `pyfops_stage` (`run_id`);

CREATE TABLE IF NOT EXISTS `pyfops_test_result` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `run_id` bigint(20) NOT NULL,
  `identity` varchar(16) NOT NULL,
  `fd_id` bigint(20) DEFAULT NULL,
  `test` varchar(255) NOT NULL,
  `repetition` int(11) NOT NULL,
  `passed` int(11) NOT NULL,
  `reason` longtext NOT NULL,
  `input` longtext NOT NULL,
  `output` longtext NOT NULL,
  `round_trip_ms` double NOT NULL,
  `duration_ms` double DEFAULT NULL,
  `memory_used_mb` int(11) DEFAULT NULL,
  `cold` int(11) DEFAULT NULL,
  `memory_mb` int(11) NOT NULL,
  `ran_on` varchar(64) NOT NULL,
  `at` varchar(32) NOT NULL
);
CREATE INDEX IF NOT EXISTS `pyfops_test_result_run` ON `pyfops_test_result` (`run_id`);
CREATE INDEX IF NOT EXISTS `pyfops_test_result_identity` ON `pyfops_test_result` (`identity`);
