-- SPDX-License-Identifier: Apache-2.0
-- Columns and tables that readers of the AFCL database know and the dump of 2021 does not have, and minMemorySize,
-- which is ours.
ALTER TABLE `provider` ADD COLUMN IF NOT EXISTS `sessionOverheadms` int(11) DEFAULT NULL;
ALTER TABLE `provider` ADD COLUMN IF NOT EXISTS `deploymentOverheadms` int(11) DEFAULT NULL;
ALTER TABLE `provider` ADD COLUMN IF NOT EXISTS `roundTrips` int(11) DEFAULT NULL;
ALTER TABLE `provider` ADD COLUMN IF NOT EXISTS `r` int(11) DEFAULT NULL;
ALTER TABLE `region` ADD COLUMN IF NOT EXISTS `bandwidth` double DEFAULT NULL;
ALTER TABLE `functionimplementation` ADD COLUMN IF NOT EXISTS `packageSize` int(11) DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `namespace` varchar(255) DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `project` varchar(255) DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `avgDeploymentTime` double DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `estDeploymentTime` double DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `RTTModel` double DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `ETModel` double DEFAULT NULL;
ALTER TABLE `functiondeployment` ADD COLUMN IF NOT EXISTS `minMemorySize` int(11) DEFAULT NULL;

CREATE TABLE IF NOT EXISTS `service` (
  `id` int(11) NOT NULL,
  `type` varchar(255) DEFAULT NULL,
  `providerID` int(11) DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;

CREATE TABLE IF NOT EXISTS `serviceDeployment` (
  `id` int(11) NOT NULL,
  `serviceID` int(11) DEFAULT NULL,
  `regionID` int(11) DEFAULT NULL,
  `velocity` double DEFAULT NULL,
  `startup` double DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;

CREATE TABLE IF NOT EXISTS `networking` (
  `sourceRegionID` int(11) DEFAULT NULL,
  `destinationRegionID` int(11) DEFAULT NULL,
  `bandwidth` double DEFAULT NULL,
  `latency` double DEFAULT NULL
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;

CREATE TABLE IF NOT EXISTS `data_transfer` (
  `id` int(11) NOT NULL,
  `type` varchar(255) DEFAULT NULL,
  `functionRegionID` int(11) DEFAULT NULL,
  `storageRegionID` int(11) DEFAULT NULL,
  `bandwidth` double DEFAULT NULL,
  `latency` double DEFAULT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8 COLLATE=utf8_general_ci;
