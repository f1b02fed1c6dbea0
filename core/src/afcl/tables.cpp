// SPDX-License-Identifier: Apache-2.0
#include "afcl/tables.hpp"

#include <array>
#include <stdexcept>

namespace pyfops::afcl {
namespace {

constexpr Column text(std::string_view name, std::size_t length = 255) {
    return {.name = name, .length = length};
}
constexpr Column key(std::string_view name, std::size_t length = 255) {
    return {.name = name, .required = true, .key = true, .length = length};
}
constexpr Column integer(std::string_view name, unsigned readers = both) {
    return {.name = name, .kind = Kind::integer, .readers = readers};
}
constexpr Column real(std::string_view name, unsigned readers = both) {
    return {.name = name, .kind = Kind::real, .readers = readers};
}
constexpr Column reference(std::string_view name, std::string_view table, bool required = true,
                           bool key = false) {
    return {.name = name, .kind = Kind::integer, .required = required, .key = key, .refers = table};
}
constexpr Column needed(Column column) {
    column.required = true;
    return column;
}
constexpr Column part_of_key(Column column) {
    column.key = true;
    return column;
}
constexpr Column or_else(Column column, std::string_view value) {
    column.otherwise = value;
    return column;
}
constexpr Column empty_text(std::string_view name) {
    Column column{.name = name};
    column.otherwise = "''";
    return column;
}
constexpr Column invocations = or_else(integer("invocations"), "0");

constexpr std::array provider{
    key("name", 50),
    real("invocationCost"),
    real("durationGBpsCost"),
    real("durationGHzpsCost"),
    integer("unitTimems"),
    integer("maxConcurrency"),
    integer("maxThroughput"),
    integer("maxDurationSec"),
    integer("maxDataInputMB"),
    integer("maxDataOutputMB"),
    real("concurrencyOverheadms"),
    integer("faasSystemOverheadms"),
    integer("cryptoOverheadms"),
    integer("sessionOverheadms"),
    integer("deploymentOverheadms", engine_only),
    integer("roundTrips", engine_only),
    integer("r", engine_only),
};
constexpr std::array region{
    key("region"),
    real("availability"),
    text("provider"),
    reference("providerID", "provider"),
    text("location", 100),
    real("networkOverheadms"),
    real("overheadLoadms"),
    real("overheadBurstms"),
    real("invocationDelayLoadms"),
    real("invocationDelayBurstms"),
    real("concurrencyOverheadms"),
    real("faasSystemOverheadms"),
    real("bandwidth", engine_only),
};
constexpr std::array cpu{
    reference("provider", "provider", true, true),
    reference("region", "region", false, true),
    part_of_key(text("name")),
    Column{.name = "parallel", .kind = Kind::digit, .key = true},
    needed(real("MIPS")),
    needed(part_of_key(integer("from_percentage"))),
    needed(part_of_key(integer("to_percentage"))),
};
constexpr std::array language{
    text("idAWS"), text("idAlibaba"), text("idAzure"), text("idGoogle"), text("idIBM"), key("name"),
};
constexpr std::array functiontype{
    key("name"), needed(text("type")), real("avgRTT"), real("avgCost"), real("successRate"), invocations,
};
constexpr std::array functionimplementation{
    key("name"),
    reference("functionType_id", "functiontype"),
    text("algorithm"),
    text("implementationFilePath"),
    reference("provider", "provider"),
    reference("language_id", "language", false),
    real("avgRTT"),
    real("avgCost"),
    real("successRate"),
    real("computationWork"),
    real("memoryWork"),
    real("ioWork"),
    invocations,
    integer("packageSize", engine_only),
};
constexpr std::array functiondeployment{
    key("name"),
    reference("functionImplementation_id", "functionimplementation"),
    text("KMS_Arn"),
    reference("regionID", "region"),
    empty_text("description"),
    empty_text("handlerName"),
    text("input"),
    or_else(Column{.name = "isDeployed", .kind = Kind::flag}, "0"),
    needed(integer("memorySize")),
    needed(integer("timeout")),
    real("avgRTT"),
    real("avgRuntime"),
    real("avgCost"),
    real("successRate"),
    real("computationalSpeed"),
    real("memorySpeed"),
    real("ioSpeed"),
    real("speedup"),
    integer("avgLoopCounter"),
    invocations,
    text("namespace"),
    text("project"),
    real("avgDeploymentTime", engine_only),
    real("estDeploymentTime", engine_only),
    real("RTTModel", engine_only),
    real("ETModel", engine_only),
    integer("minMemorySize", nobody),
};
constexpr std::array service{
    needed(part_of_key(text("type"))),
    reference("providerID", "provider", true, true),
};
constexpr std::array service_deployment{
    reference("serviceID", "service", true, true),
    reference("regionID", "region", true, true),
    real("velocity"),
    real("startup"),
};
constexpr std::array networking{
    reference("sourceRegionID", "region", true, true),
    reference("destinationRegionID", "region", true, true),
    real("bandwidth"),
    real("latency"),
};
constexpr std::array data_transfer{
    needed(part_of_key(text("type"))),
    reference("functionRegionID", "region", true, true),
    reference("storageRegionID", "region", true, true),
    real("bandwidth"),
    real("latency"),
};

// Names of tables are exact: they have a case on Linux servers.
constexpr std::array all{
    Table{"provider", "provider.json", true, true, provider},
    Table{"region", "region.json", true, true, region},
    Table{"cpu", "cpu.json", true, true, cpu},
    Table{"language", "language.json", true, false, language},
    Table{"functiontype", "functiontype.json", true, true, functiontype},
    Table{"functionimplementation", "functionimplementation.json", true, true, functionimplementation},
    Table{"functiondeployment", "functiondeployment.json", true, true, functiondeployment},
    Table{"service", "service.json", true, false, service},
    Table{"serviceDeployment", "servicedeployment.json", true, false, service_deployment},
    Table{"networking", "networking.json", false, false, networking},
    Table{"data_transfer", "datatransfer.json", true, false, data_transfer},
};

} // namespace

std::span<const Table> tables() {
    return all;
}

const Table& table(std::string_view name) {
    for (const Table& one : all)
        if (one.name == name) return one;
    throw std::logic_error("no table " + std::string(name));
}

} // namespace pyfops::afcl
