// SPDX-License-Identifier: Apache-2.0
#include "regions.hpp"

#include <algorithm>

namespace pyfops::alibaba_emulator {

const std::vector<std::string_view>& region_codes() {
    static const std::vector<std::string_view> all{
        "cn-hangzhou",    "cn-shanghai",           "cn-qingdao",          "cn-beijing",      "cn-zhangjiakou",
        "cn-huhehaote",   "cn-wulanchabu",         "cn-shenzhen",         "cn-chengdu",      "cn-hongkong",
        "ap-southeast-1", "ap-southeast-3",        "ap-southeast-5",      "ap-southeast-7",  "ap-northeast-1",
        "ap-northeast-2", "eu-central-1",          "eu-west-1",           "us-east-1",       "us-west-1",
        "me-central-1",   "cn-shanghai-finance-1", "cn-hangzhou-finance", "cn-heyuan-acdr-1"};
    return all;
}

bool is_region(std::string_view code) {
    return std::find(region_codes().begin(), region_codes().end(), code) != region_codes().end();
}

} // namespace pyfops::alibaba_emulator
