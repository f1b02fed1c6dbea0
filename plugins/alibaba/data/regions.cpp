// SPDX-License-Identifier: Apache-2.0
// Endpoints of FC 3.0 and STS: aliyun-openapi-meta of April 2026. ap-southeast-2 (Sydney) and ap-south-1
// (Mumbai) are named there as closed and left out.
#include "data/regions.hpp"

#include <algorithm>

namespace pyfops::alibaba {

const std::vector<Region>& regions() {
    static const std::vector<Region> all{
        {"cn-hangzhou", "Hangzhou"},
        {"cn-shanghai", "Shanghai"},
        {"cn-qingdao", "Qingdao"},
        {"cn-beijing", "Beijing"},
        {"cn-zhangjiakou", "Zhangjiakou"},
        {"cn-huhehaote", "Hohhot"},
        {"cn-wulanchabu", "Ulanqab"},
        {"cn-shenzhen", "Shenzhen"},
        {"cn-chengdu", "Chengdu"},
        {"cn-hongkong", "Hong Kong"},
        {"ap-southeast-1", "Singapore"},
        {"ap-southeast-3", "Kuala Lumpur"},
        {"ap-southeast-5", "Jakarta"},
        {"ap-southeast-7", "Bangkok"},
        {"ap-northeast-1", "Tokyo"},
        {"ap-northeast-2", "Seoul"},
        {"eu-central-1", "Frankfurt"},
        {"eu-west-1", "London"},
        {"us-east-1", "Virginia"},
        {"us-west-1", "Silicon Valley"},
        {"me-central-1", "Riyadh", true},
        {"cn-shanghai-finance-1", "Shanghai (finance)", true},
        {"cn-hangzhou-finance", "Hangzhou (finance)", true, false},
        {"cn-heyuan-acdr-1", "Heyuan (automotive)", true, false},
    };
    return all;
}

const Region* find_region(std::string_view code) {
    const auto found = std::find_if(regions().begin(), regions().end(),
                                    [code](const Region& one) { return one.code == code; });
    return found == regions().end() ? nullptr : &*found;
}

} // namespace pyfops::alibaba
