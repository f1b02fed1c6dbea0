-- SPDX-License-Identifier: Apache-2.0
-- What a call cost, which of AFCL's rows it was counted in, and the search for the minimum memory.
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `ordinal` int(11) NOT NULL DEFAULT 0;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `cost_usd` double DEFAULT NULL;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `billed_ms` double DEFAULT NULL;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `weight` double NOT NULL DEFAULT 1;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `counted_fd` bigint(20) DEFAULT NULL;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `counted_fi` bigint(20) DEFAULT NULL;
ALTER TABLE `pyfops_test_result` ADD COLUMN IF NOT EXISTS `counted_ft` bigint(20) DEFAULT NULL;
CREATE UNIQUE INDEX IF NOT EXISTS `pyfops_test_result_call` ON `pyfops_test_result` (`run_id`, `identity`, `test`, `repetition`, `ordinal`, `at`);

-- How much stands behind the averages of an AFCL row, which itself has one counter for all of them. `invocations` is
-- what we left there: another value in the row tells that another program wrote it.
CREATE TABLE IF NOT EXISTS `pyfops_average` (
  `kind` varchar(8) NOT NULL,
  `row_id` bigint(20) NOT NULL,
  `realm` varchar(16) NOT NULL,
  `invocations` bigint(20) NOT NULL,
  `rtt_weight` double NOT NULL,
  `runtime_weight` double NOT NULL,
  `cost_weight` double NOT NULL,
  `success_weight` double NOT NULL,
  PRIMARY KEY (`kind`, `row_id`)
);

-- One size that the search for the minimum memory tried.
CREATE TABLE IF NOT EXISTS `pyfops_probe` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `run_id` bigint(20) NOT NULL,
  `identity` varchar(16) NOT NULL,
  `project` varchar(255) NOT NULL,
  `function_name` varchar(255) NOT NULL,
  `provider` varchar(255) NOT NULL,
  `region` varchar(255) NOT NULL,
  `realm` varchar(16) NOT NULL,
  `slot` varchar(32) NOT NULL,
  `ordinal` int(11) NOT NULL,
  `memory_mb` int(11) NOT NULL,
  `verdict` varchar(32) NOT NULL,
  `reason` longtext NOT NULL,
  `peak_mb` double DEFAULT NULL,
  `duration_ms` double DEFAULT NULL,
  `cost_usd` double DEFAULT NULL,
  `calls` int(11) NOT NULL,
  `doubtful` int(11) NOT NULL,
  `at` varchar(32) NOT NULL,
  CONSTRAINT `pyfops_probe_call` UNIQUE (`run_id`, `identity`, `ordinal`)
);
