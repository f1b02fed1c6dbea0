// SPDX-License-Identifier: Apache-2.0
package pyfops.afcl;

import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/**
 * The queries of AFCL's programs. Those of the engine that want one row use findOne(), which throws at a second one.
 */
final class Database {
    private final Handle handle;

    Database(Handle handle) {
        this.handle = handle;
    }

    private <T> List<T> all(Class<T> bean, String sql, Object... values) {
        return handle.select(sql, values).mapToBean(bean).list();
    }

    private <T> Optional<T> one(Class<T> bean, String sql, Object... values) {
        return handle.select(sql, values).mapToBean(bean).findOne();
    }

    Optional<Rows.FunctionDeployment> deployment(String link) {
        return one(Rows.FunctionDeployment.class, "SELECT * FROM functiondeployment WHERE KMS_Arn = ?", link);
    }

    Optional<Rows.FunctionDeployment> deployment(long id) {
        return one(Rows.FunctionDeployment.class, "SELECT * FROM functiondeployment WHERE id = ?", id);
    }

    List<Rows.FunctionDeployment> invoked(long implementation) {
        return all(
                Rows.FunctionDeployment.class,
                "SELECT * FROM functiondeployment WHERE functionImplementation_id = ? AND invocations > 0",
                implementation);
    }

    List<Rows.FunctionDeployment> ofMemory(long implementation, int memory) {
        return all(
                Rows.FunctionDeployment.class,
                "SELECT * FROM functiondeployment WHERE functionImplementation_id = ? AND memorySize = ?",
                implementation,
                memory);
    }

    Optional<Rows.FunctionImplementation> implementation(long id) {
        return one(Rows.FunctionImplementation.class, "SELECT * FROM functionimplementation WHERE id = ?", id);
    }

    Optional<Rows.FunctionType> type(long id) {
        return one(Rows.FunctionType.class, "SELECT * FROM functiontype WHERE id = ?", id);
    }

    Optional<Rows.Language> language(long id) {
        return one(Rows.Language.class, "SELECT * FROM language WHERE id = ?", id);
    }

    Optional<Rows.ProviderRow> provider(Provider provider) {
        return one(Rows.ProviderRow.class, "SELECT * FROM provider WHERE name = ?", provider.name());
    }

    Optional<Rows.Region> region(String code, Provider provider) {
        return one(
                Rows.Region.class,
                "SELECT * FROM region WHERE region = ? AND provider = ?",
                code,
                provider.name());
    }

    Optional<Rows.Region> region(String code) {
        return one(Rows.Region.class, "SELECT * FROM region WHERE region = ?", code);
    }

    Optional<Integer> regionId(String code) {
        return handle.select("SELECT id FROM region WHERE region = ?", code).mapTo(Integer.class).findOne();
    }

    Optional<Rows.Cpu> cpu(int provider, double percentage, int parallel) {
        return one(
                Rows.Cpu.class,
                "SELECT * FROM cpu WHERE provider = ? AND ? >= from_percentage AND ? < to_percentage AND parallel = ?",
                provider,
                percentage,
                percentage,
                parallel);
    }

    Optional<Rows.Cpu> cpu(int provider, int region, double percentage, int parallel) {
        return one(
                Rows.Cpu.class,
                "SELECT * FROM cpu WHERE provider = ? AND region = ? AND ? >= from_percentage "
                        + "AND ? < to_percentage AND parallel = ?",
                provider,
                region,
                percentage,
                percentage,
                parallel);
    }

    Optional<Rows.Service> service(String type) {
        return one(Rows.Service.class, "SELECT * FROM service WHERE type = ?", type);
    }

    Optional<Rows.ServiceDeployment> serviceDeployment(int service, int region) {
        return one(
                Rows.ServiceDeployment.class,
                "SELECT * FROM serviceDeployment WHERE serviceID = ? AND regionID = ?",
                service,
                region);
    }

    Optional<Rows.Networking> networking(int source, int destination) {
        return one(
                Rows.Networking.class,
                "SELECT * FROM networking WHERE sourceRegionID = ? AND destinationRegionID = ?",
                source,
                destination);
    }

    Optional<Rows.DataTransfer> dataTransfer(String type, int functionRegion, int storageRegion) {
        return one(
                Rows.DataTransfer.class,
                "SELECT * FROM data_transfer WHERE type = ? AND functionRegionID = ? AND storageRegionID = ?",
                type,
                functionRegion,
                storageRegion);
    }

    /** Not a query of theirs: the column that no property maps to. */
    int isDeployed(long id) {
        return handle.select("SELECT isDeployed + 0 FROM functiondeployment WHERE id = ?", id)
                .mapTo(Integer.class)
                .one();
    }

    /** What AFCL's hourly job writes; the number of rows that it found. */
    int updateDeployment(
            String link, double rtt, double runtime, double cost, double rate, int loops, int invocations) {
        return handle.execute(
                "UPDATE functiondeployment SET avgRTT = ?, avgRuntime = ?, avgCost = ?, successRate = ?, "
                        + "avgLoopCounter = ?, invocations = ? WHERE KMS_Arn = ?",
                rtt,
                runtime,
                cost,
                rate,
                loops,
                invocations,
                link);
    }

    int updateAverages(String table, long id, double rtt, double cost, double rate, int invocations) {
        return handle.execute(
                "UPDATE " + table + " SET avgRTT = ?, avgCost = ?, successRate = ?, invocations = ? WHERE id = ?",
                rtt,
                cost,
                rate,
                invocations,
                id);
    }

    void begin() {
        handle.begin();
    }

    void rollback() {
        handle.rollback();
    }
}
