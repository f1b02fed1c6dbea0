// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/afcl.hpp"

#include <string>

namespace pyfops::testing {

/// A small record: two types; `resize` on two providers, one of them in two sizes.
inline AfclTables some_tables() {
    AfclTables tables;
    const auto rows = [](const char* text) { return parse_json(text, "rows").as_array(); };
    tables["provider"] = rows(R"([{"id": 1, "name": "AWS"}, {"id": 4, "name": "Microsoft"},
                                  {"id": 5, "name": "Alibaba"}])");
    tables["region"] = rows(R"([
        {"id": 8, "region": "eu-central-1", "provider": "AWS", "providerID": 1},
        {"id": 9, "region": "westeurope", "provider": "Microsoft", "providerID": 4},
        {"id": 10, "region": "alibaba-eu-central-1", "provider": "Alibaba", "providerID": 5}])");
    tables["functiontype"] = rows(
        R"([{"id": 1, "name": "resize", "type": "resizeType"}, {"id": 2, "name": "crop", "type": "cropType"}])");
    tables["functionimplementation"] = rows(R"([
        {"id": 1, "name": "resizeAWSPython", "functionType_id": 1, "provider": 1},
        {"id": 2, "name": "resizeAzurePython", "functionType_id": 1, "provider": 4},
        {"id": 3, "name": "cropAlibabaPython", "functionType_id": 2, "provider": 5}])");
    tables["functiondeployment"] = rows(R"([
        {"id": 1, "name": "resizeAWSPython-eu-central-1-128", "functionImplementation_id": 1, "regionID": 8,
         "KMS_Arn": "arn:aws:lambda:eu-central-1:1:function:r-128", "isDeployed": true, "memorySize": 128,
         "avgRTT": 90.0, "avgCost": 1e-6},
        {"id": 2, "name": "resizeAWSPython-eu-central-1-512", "functionImplementation_id": 1, "regionID": 8,
         "KMS_Arn": "arn:aws:lambda:eu-central-1:1:function:r-512", "isDeployed": true, "memorySize": 512,
         "avgRTT": 30.0, "avgCost": 3e-6},
        {"id": 3, "name": "resizeAzurePython-westeurope", "functionImplementation_id": 2, "regionID": 9,
         "KMS_Arn": "https://r.azurewebsites.net/api/resize", "isDeployed": true, "memorySize": 512,
         "avgRTT": null, "avgCost": null},
        {"id": 4, "name": "cropAlibabaPython-eu-central-1", "functionImplementation_id": 3, "regionID": 10,
         "KMS_Arn": "https://1.eu-central-1.fc.aliyuncs.com/x/", "isDeployed": true, "memorySize": 256,
         "avgRTT": null, "avgCost": null},
        {"id": 5, "name": "gone", "functionImplementation_id": 3, "regionID": 10,
         "KMS_Arn": "https://gone/", "isDeployed": false, "memorySize": 256, "avgRTT": 1.0, "avgCost": 0.0},
        {"id": 6, "name": "never", "functionImplementation_id": 3, "regionID": 10,
         "KMS_Arn": null, "isDeployed": false, "memorySize": 256, "avgRTT": null, "avgCost": null}])");
    return tables;
}

} // namespace pyfops::testing
