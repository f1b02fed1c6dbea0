-- SPDX-License-Identifier: Apache-2.0
-- The AFCL metadata database as it was on 2021-08-16: its table, column and key names, types and nullability.
-- Names and links compare without case, as they do in MariaDB.

CREATE TABLE IF NOT EXISTS `provider` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` varchar(50) DEFAULT NULL COLLATE NOCASE,
  `invocationCost` double DEFAULT NULL,
  `durationGBpsCost` double DEFAULT NULL,
  `durationGHzpsCost` double DEFAULT NULL,
  `unitTimems` smallint(6) DEFAULT NULL,
  `maxConcurrency` smallint(6) DEFAULT NULL,
  `maxThroughput` smallint(6) DEFAULT NULL,
  `maxDurationSec` smallint(6) DEFAULT NULL,
  `maxDataInputMB` smallint(6) DEFAULT NULL,
  `maxDataOutputMB` smallint(6) DEFAULT NULL,
  `concurrencyOverheadms` double DEFAULT NULL,
  `faasSystemOverheadms` smallint(6) DEFAULT NULL,
  `cryptoOverheadms` smallint(6) DEFAULT NULL
);

CREATE TABLE IF NOT EXISTS `region` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `region` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `availability` double DEFAULT NULL,
  `provider` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `providerID` smallint(6) DEFAULT NULL,
  `location` varchar(100) DEFAULT NULL,
  `networkOverheadms` double DEFAULT NULL,
  `overheadLoadms` double DEFAULT NULL,
  `overheadBurstms` double DEFAULT NULL,
  `invocationDelayLoadms` double DEFAULT NULL,
  `invocationDelayBurstms` double DEFAULT NULL,
  `concurrencyOverheadms` double DEFAULT NULL,
  `faasSystemOverheadms` double DEFAULT NULL,
  CONSTRAINT `FK_region_Providers` FOREIGN KEY (`providerID`) REFERENCES `provider` (`id`)
);
CREATE INDEX IF NOT EXISTS `region_providerID` ON `region` (`providerID`);

CREATE TABLE IF NOT EXISTS `cpu` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `provider` smallint(6) NOT NULL,
  `region` int(11) DEFAULT NULL,
  `name` varchar(255) DEFAULT NULL,
  `parallel` tinyint(1) DEFAULT NULL,
  `MIPS` double NOT NULL,
  `from_percentage` int(11) NOT NULL,
  `to_percentage` int(11) NOT NULL,
  CONSTRAINT `cpu_ibfk_1` FOREIGN KEY (`provider`) REFERENCES `provider` (`id`),
  CONSTRAINT `cpu_ibfk_2` FOREIGN KEY (`region`) REFERENCES `region` (`id`)
);
CREATE INDEX IF NOT EXISTS `cpu_provider` ON `cpu` (`provider`);
CREATE INDEX IF NOT EXISTS `cpu_region` ON `cpu` (`region`);

CREATE TABLE IF NOT EXISTS `language` (
  `id` bigint(20) NOT NULL PRIMARY KEY,
  `idAWS` varchar(255) DEFAULT NULL,
  `idAlibaba` varchar(255) DEFAULT NULL,
  `idAzure` varchar(255) DEFAULT NULL,
  `idGoogle` varchar(255) DEFAULT NULL,
  `idIBM` varchar(255) DEFAULT NULL,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  CONSTRAINT `UK_nk4c9qcgv8el6abqd6etg77yy` UNIQUE (`name`)
);

CREATE TABLE IF NOT EXISTS `functiontype` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `type` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `avgRTT` double DEFAULT NULL,
  `avgCost` double DEFAULT NULL,
  `successRate` double DEFAULT NULL,
  `invocations` int(11) NOT NULL DEFAULT 0,
  CONSTRAINT `UK_p9rvsuvhqwj84qagf3d5myr35` UNIQUE (`name`)
);

CREATE TABLE IF NOT EXISTS `functiontype_inputs` (
  `FunctionType_id` bigint(20) NOT NULL,
  `inputs` varchar(255) DEFAULT NULL,
  CONSTRAINT `FK7qrq191xp1j948y9309x41475` FOREIGN KEY (`FunctionType_id`) REFERENCES `functiontype` (`id`)
);
CREATE INDEX IF NOT EXISTS `functiontype_inputs_FunctionType_id` ON `functiontype_inputs` (`FunctionType_id`);

CREATE TABLE IF NOT EXISTS `functiontype_outputs` (
  `FunctionType_id` bigint(20) NOT NULL,
  `outputs` varchar(255) DEFAULT NULL,
  CONSTRAINT `FK42twsvtuudf0y8d8auiwwf57s` FOREIGN KEY (`FunctionType_id`) REFERENCES `functiontype` (`id`)
);
CREATE INDEX IF NOT EXISTS `functiontype_outputs_FunctionType_id` ON `functiontype_outputs` (`FunctionType_id`);

CREATE TABLE IF NOT EXISTS `functionimplementation` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `functionType_id` bigint(20) DEFAULT NULL,
  `algorithm` varchar(255) DEFAULT NULL,
  `implementationFilePath` varchar(255) DEFAULT NULL,
  `provider` smallint(6) NOT NULL DEFAULT 0,
  `language_id` bigint(20) DEFAULT NULL,
  `avgRTT` double DEFAULT NULL,
  `avgCost` double DEFAULT NULL,
  `successRate` double DEFAULT NULL,
  `computationWork` double DEFAULT NULL,
  `memoryWork` double DEFAULT NULL,
  `ioWork` double DEFAULT NULL,
  `invocations` int(11) NOT NULL DEFAULT 0,
  CONSTRAINT `UK_gy0r4omi46xytndlts8gunwln` UNIQUE (`name`),
  CONSTRAINT `FKProvider` FOREIGN KEY (`provider`) REFERENCES `provider` (`id`),
  CONSTRAINT `FKd8t6ku556b5yr94nmge02nw8r` FOREIGN KEY (`language_id`) REFERENCES `language` (`id`),
  CONSTRAINT `FKiclu7oaoqp57tdx8772jv5hpc` FOREIGN KEY (`functionType_id`) REFERENCES `functiontype` (`id`)
);
CREATE INDEX IF NOT EXISTS `functionimplementation_language_id` ON `functionimplementation` (`language_id`);
CREATE INDEX IF NOT EXISTS `functionimplementation_functionType_id` ON `functionimplementation` (`functionType_id`);
CREATE INDEX IF NOT EXISTS `functionimplementation_provider` ON `functionimplementation` (`provider`);

CREATE TABLE IF NOT EXISTS `functiondeployment` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `functionImplementation_id` bigint(20) DEFAULT NULL,
  `KMS_Arn` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `regionID` int(11) DEFAULT NULL,
  `description` varchar(255) NOT NULL,
  `handlerName` varchar(255) NOT NULL,
  `input` varchar(255) DEFAULT NULL,
  `isDeployed` bit(1) NOT NULL,
  `memorySize` int(11) NOT NULL,
  `timeout` int(11) NOT NULL,
  `avgRTT` double DEFAULT NULL,
  `avgRuntime` double DEFAULT NULL,
  `avgCost` double DEFAULT NULL,
  `successRate` double DEFAULT NULL,
  `computationalSpeed` double DEFAULT NULL,
  `memorySpeed` double DEFAULT NULL,
  `ioSpeed` double DEFAULT NULL,
  `speedup` double DEFAULT 2,
  `avgLoopCounter` int(11) DEFAULT 0,
  `invocations` int(11) NOT NULL DEFAULT 0,
  CONSTRAINT `UK_si8kq5j31b1h3ixxiqjoein15` UNIQUE (`name`),
  CONSTRAINT `FKrjwhvvrdf0kji44tg2kis0v3e` FOREIGN KEY (`functionImplementation_id`) REFERENCES `functionimplementation` (`id`),
  CONSTRAINT `FKs9d8fj3fc9383n38sfs3csdco` FOREIGN KEY (`regionID`) REFERENCES `region` (`id`)
);
CREATE INDEX IF NOT EXISTS `functiondeployment_functionImplementation_id` ON `functiondeployment` (`functionImplementation_id`);
CREATE INDEX IF NOT EXISTS `functiondeployment_regionID` ON `functiondeployment` (`regionID`);

CREATE TABLE IF NOT EXISTS `functiondeployment_environmentvariables` (
  `FunctionDeployment_id` bigint(20) NOT NULL,
  `environmentVariables` varchar(255) DEFAULT NULL,
  `environmentVariables_KEY` varchar(255) NOT NULL COLLATE NOCASE,
  PRIMARY KEY (`FunctionDeployment_id`, `environmentVariables_KEY`),
  CONSTRAINT `FKkekgwdaqekiticds1wq2mn35j` FOREIGN KEY (`FunctionDeployment_id`) REFERENCES `functiondeployment` (`id`)
);

CREATE TABLE IF NOT EXISTS `functionimplementation_additionalservices` (
  `PersistentFunctionImplementation_id` bigint(20) NOT NULL,
  `isDerived` bit(1) DEFAULT NULL,
  `additionalService_id` bigint(20) NOT NULL,
  PRIMARY KEY (`PersistentFunctionImplementation_id`, `additionalService_id`),
  CONSTRAINT `FKe3rrelg2btkb0ueyw9fao7ae1` FOREIGN KEY (`PersistentFunctionImplementation_id`) REFERENCES `functionimplementation` (`id`)
);

CREATE TABLE IF NOT EXISTS `functionimplementation_additionalservicetype` (
  `FunctionImplementation_id` bigint(20) NOT NULL,
  `additionalServices_id` bigint(20) NOT NULL,
  PRIMARY KEY (`FunctionImplementation_id`, `additionalServices_id`),
  CONSTRAINT `FKhy7o5bstrj9h0rkarhad9u55c` FOREIGN KEY (`FunctionImplementation_id`) REFERENCES `functionimplementation` (`id`)
);

CREATE TABLE IF NOT EXISTS `hibernate_sequence` (
  `next_val` bigint(20) DEFAULT NULL
);

CREATE TABLE IF NOT EXISTS `logger` (
  `id` bigint(20) NOT NULL PRIMARY KEY,
  `date` datetime(6) DEFAULT NULL,
  `message` varchar(255) DEFAULT NULL
);

CREATE TABLE IF NOT EXISTS `fctype` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` varchar(100) NOT NULL DEFAULT '0',
  `AFCL` blob DEFAULT NULL
);

CREATE TABLE IF NOT EXISTS `fcteam` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `fctype` mediumint(9) DEFAULT NULL,
  `name` varchar(255) DEFAULT NULL,
  CONSTRAINT `fctype` FOREIGN KEY (`fctype`) REFERENCES `fctype` (`id`)
);
CREATE INDEX IF NOT EXISTS `fcteam_fctype` ON `fcteam` (`fctype`);

CREATE TABLE IF NOT EXISTS `fcdeployment` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `FCteam` int(11) NOT NULL DEFAULT 0,
  `fd` int(11) NOT NULL,
  `description` varchar(50) NOT NULL DEFAULT '0',
  CONSTRAINT `FKfcteam` FOREIGN KEY (`FCteam`) REFERENCES `fcteam` (`id`)
);
CREATE INDEX IF NOT EXISTS `fcdeployment_FCteam` ON `fcdeployment` (`FCteam`);

CREATE TABLE IF NOT EXISTS `storagedeployment` (
  `id` bigint(20) NOT NULL PRIMARY KEY,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `KMS_Arn` varchar(255) DEFAULT NULL,
  `location` varchar(255) DEFAULT NULL,
  `provider` varchar(255) NOT NULL,
  CONSTRAINT `UK_8lgh2aqmm0ft7txkeeorbndnw` UNIQUE (`name`)
);

CREATE TABLE IF NOT EXISTS `vm_deployment` (
  `id` bigint(20) NOT NULL PRIMARY KEY,
  `name` varchar(255) DEFAULT NULL COLLATE NOCASE,
  `ami_id` varchar(255) DEFAULT NULL,
  `blockDeviceDeleteOnTermination` bit(1) NOT NULL,
  `blockDeviceName` varchar(255) DEFAULT NULL,
  `blockDeviceType` varchar(255) DEFAULT NULL,
  `blockDeviceVolumeSize` int(11) DEFAULT NULL,
  `blockDeviceVolumeType` varchar(255) DEFAULT NULL,
  `datacenter` varchar(255) DEFAULT NULL,
  `description` varchar(255) DEFAULT NULL,
  `domain` varchar(255) DEFAULT NULL,
  `hostname` varchar(255) DEFAULT NULL,
  `instanceType` varchar(255) DEFAULT NULL,
  `ip` varchar(255) DEFAULT NULL,
  `memory` int(11) DEFAULT NULL,
  `provider` varchar(255) NOT NULL,
  `runningStatus` varchar(255) DEFAULT NULL,
  CONSTRAINT `UK_p6h0a5srh1aav2v2axn5vyjmq` UNIQUE (`name`)
);

CREATE TABLE IF NOT EXISTS `vm_deployment_disks` (
  `VM_Deployment_id` bigint(20) NOT NULL,
  `disks` int(11) DEFAULT NULL,
  CONSTRAINT `FK2k0gqg7e225ne24prsgx08ot2` FOREIGN KEY (`VM_Deployment_id`) REFERENCES `vm_deployment` (`id`)
);
CREATE INDEX IF NOT EXISTS `vm_deployment_disks_VM_Deployment_id` ON `vm_deployment_disks` (`VM_Deployment_id`);

-- Rows that programs of the AFCL family refer to by id.
INSERT INTO `provider` (`id`, `name`, `invocationCost`, `durationGBpsCost`, `durationGHzpsCost`, `unitTimems`, `maxConcurrency`, `maxThroughput`,
  `maxDurationSec`, `maxDataInputMB`, `maxDataOutputMB`, `concurrencyOverheadms`, `faasSystemOverheadms`, `cryptoOverheadms`)
  SELECT 1, 'AWS', 0.0000002, 0.0000166667, 0, 1, 1000, NULL, 900, 6, 6, 2.7, 30, 57
  WHERE NOT EXISTS (SELECT 1 FROM `provider` WHERE `id` = 1 OR `name` = 'AWS');
INSERT INTO `provider` (`id`, `name`, `invocationCost`, `durationGBpsCost`, `durationGHzpsCost`, `unitTimems`, `maxConcurrency`, `maxThroughput`,
  `maxDurationSec`, `maxDataInputMB`, `maxDataOutputMB`, `concurrencyOverheadms`, `faasSystemOverheadms`, `cryptoOverheadms`)
  SELECT 2, 'IBM', 0, 0.000017, 0, 100, 100, NULL, 600, 5, 5, NULL, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM `provider` WHERE `id` = 2 OR `name` = 'IBM');
INSERT INTO `provider` (`id`, `name`, `invocationCost`, `durationGBpsCost`, `durationGHzpsCost`, `unitTimems`, `maxConcurrency`, `maxThroughput`,
  `maxDurationSec`, `maxDataInputMB`, `maxDataOutputMB`, `concurrencyOverheadms`, `faasSystemOverheadms`, `cryptoOverheadms`)
  SELECT 3, 'Google', 0.0000004, 0.0000025, 0.00001, 100, 100, NULL, 540, 10, 10, NULL, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM `provider` WHERE `id` = 3 OR `name` = 'Google');
INSERT INTO `provider` (`id`, `name`, `invocationCost`, `durationGBpsCost`, `durationGHzpsCost`, `unitTimems`, `maxConcurrency`, `maxThroughput`,
  `maxDurationSec`, `maxDataInputMB`, `maxDataOutputMB`, `concurrencyOverheadms`, `faasSystemOverheadms`, `cryptoOverheadms`)
  SELECT 4, 'Microsoft', 0, 0, 0, 100, 2, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM `provider` WHERE `id` = 4 OR `name` = 'Microsoft');
INSERT INTO `provider` (`id`, `name`, `invocationCost`, `durationGBpsCost`, `durationGHzpsCost`, `unitTimems`, `maxConcurrency`, `maxThroughput`,
  `maxDurationSec`, `maxDataInputMB`, `maxDataOutputMB`, `concurrencyOverheadms`, `faasSystemOverheadms`, `cryptoOverheadms`)
  SELECT 5, 'Alibaba', 0.0000002, 0.00001668, 0, 100, 300, NULL, 600, 6, 6, NULL, NULL, NULL
  WHERE NOT EXISTS (SELECT 1 FROM `provider` WHERE `id` = 5 OR `name` = 'Alibaba');
INSERT OR IGNORE INTO `language` (`id`, `idAWS`, `idIBM`, `name`) VALUES
  (0, 'java8', 'java (JDK 8)', 'Java 8'),
  (1, 'java8.al2', NULL, 'Java 8 (Corretto)'),
  (2, 'java11', NULL, 'Java 11 (Corretto)'),
  (3, 'python2.7', NULL, 'Python 2.7'),
  (4, 'python3.6', 'python:3.6', 'Python 3.6'),
  (5, 'python3.7', 'python:3.7', 'Python 3.7'),
  (6, 'python3.8', NULL, 'Python 3.8'),
  (7, 'nodejs12.x', 'nodejs:12', 'Node.js 12.x'),
  (8, 'nodejs10.x', 'nodejs:10', 'Node.js 10.x'),
  (9, 'dotnetcore2.1', NULL, '.NET Core 2.1 (C#/PowerShell)'),
  (10, NULL, 'dotnet:2.2', '.NET Core 2.2'),
  (11, 'dotnetcore3.1', NULL, '.NET Core 3.1 (C#/PowerShell)'),
  (12, 'go1.x', 'go:1.11', 'Go 1.x'),
  (13, 'ruby2.5', 'ruby:2.5', 'Ruby 2.5'),
  (14, 'ruby2.7', NULL, 'Ruby 2.7'),
  (15, NULL, 'swift:4.2', 'Swift 4.2'),
  (16, NULL, 'php:7.3', 'PHP 7.3');
-- Newer than the database of 2021; the table has no counter of its own.
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.9', NULL, 'python3.9', NULL, 'Python 3.9' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.9');
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.10', 'python310', 'python3.10', NULL, 'Python 3.10' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.10');
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.11', 'python311', NULL, 'python-3.11', 'Python 3.11' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.11');
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.12', 'python312', 'python3.12', NULL, 'Python 3.12' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.12');
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.13', 'python313', NULL, 'python-3.13', 'Python 3.13' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.13');
INSERT INTO `language` (`id`, `idAWS`, `idGoogle`, `idAlibaba`, `idIBM`, `name`)
  SELECT `last`.`id` + 1, 'python3.14', 'python314', NULL, NULL, 'Python 3.14' FROM (SELECT MAX(`id`) AS `id` FROM `language`) AS `last`
  WHERE NOT EXISTS (SELECT 1 FROM `language` WHERE `name` = 'Python 3.14');
