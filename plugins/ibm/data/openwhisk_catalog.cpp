// SPDX-License-Identifier: Apache-2.0
#include "catalog.hpp"
#include "settings.hpp"

namespace pyfops::ibm {
namespace {

constexpr const char* source =
    "Apache OpenWhisk, application.conf and runtimes.json, August 2026; an operator may have set others";

} // namespace

const ProviderInfo& openwhisk_catalog() {
    static const ProviderInfo info = [] {
        ProviderInfo all = catalog();
        all.title = "Apache OpenWhisk";
        all.runtimes = {
            {"3.11", "python:3.11", "Debian 12", "2.36", "", "", "", false, source},
            {"3.10", "python:3.10", "Debian 12", "2.36", "", "", "", false, source},
        };
        all.memory = {};
        all.memory.minimum = 128;
        all.memory.maximum = 512;
        all.memory.standard = 256;
        all.memory.sizes = {128, 192, 256, 320, 384, 448, 512};
        all.memory.source = source;
        all.limits = {};
        all.limits.timeout_minimum = 1;
        all.limits.timeout_maximum = 300;
        all.limits.timeout_standard = 60;
        all.limits.zip_bytes = 36u << 20; // 48 MB as base64
        all.limits.name_length = 63;
        all.limits.environment_bytes = 1u << 20;
        all.limits.event_bytes = 700'000;  // 1 MB as base64, with the headers around it
        all.limits.answer_bytes = 785'000; // the same, with fewer of them
        all.limits.source = source;
        return all;
    }();
    return info;
}

const ProviderInfo& offer(const json::object& settings) {
    return is_openwhisk(settings) ? openwhisk_catalog() : catalog();
}

} // namespace pyfops::ibm
