// SPDX-License-Identifier: Apache-2.0
package pyfops.afcl;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/**
 * Reads function deployments out of an AFCL metadata database as the AFCL engine and AFCL's hourly job do.
 *
 * <p>AfclReader JDBC-URL USER; the password comes from AFCL_PASSWORD. Each line of standard input names a deployment by
 * what the engine finds in a workflow: provider (the engine's name), region, link; separated by tabs. Standard output
 * is one JSON document. Where the engine would fail this program ends with 1 and says why.
 */
public final class AfclReader {
    private static final int STORAGE_REGION = 11;

    private final Database database;

    private AfclReader(Database database) {
        this.database = database;
    }

    public static void main(String[] arguments) throws Exception {
        if (arguments.length != 2) {
            System.err.println("usage: AfclReader JDBC-URL USER < deployments");
            System.exit(2);
        }
        List<String> lines = new ArrayList<>();
        try (BufferedReader input =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            input.lines().forEach(lines::add);
        }
        try {
            Jdbi jdbi = Jdbi.create(arguments[0], arguments[1], System.getenv("AFCL_PASSWORD"));
            String document =
                    jdbi.withHandle(handle -> Json.write(new AfclReader(new Database(handle)).read(lines)));
            System.out.println(document);
        } catch (RuntimeException error) {
            System.err.println("error: " + error.getMessage());
            System.exit(1);
        }
    }

    private Map<String, Object> read(List<String> lines) {
        List<Object> deployments = new ArrayList<>();
        for (String line : lines) {
            String[] words = line.split("\t");
            try {
                deployments.add(read(Provider.valueOf(words[0]), words[1], words[2]));
            } catch (RuntimeException error) {
                throw new IllegalStateException(words[words.length - 1] + ": " + error.getMessage(), error);
            }
        }
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("deployments", deployments);
        Map<String, Object> providers = new LinkedHashMap<>();
        for (Provider provider : Provider.values()) {
            providers.put(provider.name(), database.provider(provider).orElse(null));
        }
        document.put("providers", providers);
        return document;
    }

    private Map<String, Object> read(Provider provider, String regionCode, String resource) {
        String link = resource.startsWith("python:") ? resource.substring("python:".length()) : resource;
        Rows.FunctionDeployment deployment = found(database.deployment(link), "no deployment has the link");
        same(deployment, found(database.deployment(deployment.getId()), "no row of that id"));
        long implementationId = set(deployment.getFunctionImplementation_id(), "functionImplementation_id");
        Rows.FunctionImplementation implementation =
                found(database.implementation(implementationId), "no implementation");
        Rows.FunctionType type =
                found(database.type(set(implementation.getFunctionType_id(), "functionType_id")), "no function type");
        Rows.Language language =
                found(database.language(set(implementation.getLanguage_id(), "language_id")), "no language");
        int region = found(database.regionId(regionCode), "no region " + regionCode);
        if (region != set(deployment.getRegionID(), "regionID")) {
            throw new IllegalStateException("is in region " + deployment.getRegionID() + ", not " + region);
        }
        requireNumbers(deployment);

        Map<String, Object> out = new LinkedHashMap<>();
        out.put("link", link);
        out.put("deployment", deployment);
        out.put("isDeployed", database.isDeployed(deployment.getId()));
        out.put("implementation", implementation);
        out.put("type", type);
        out.put("language", language);
        out.put("regionId", region);
        out.put("invoked", ids(database.invoked(implementation.getId())));
        out.put("ofMemory", ids(database.ofMemory(implementation.getId(), deployment.getMemorySize())));
        Optional<Rows.ProviderRow> providerRow = database.provider(provider);
        out.put("provider", providerRow.orElse(null));
        Optional<Rows.Region> regionRow = database.region(regionCode, provider);
        out.put("region", regionRow.orElse(null));
        // AFCL's row is called "Microsoft": the engine finds none of AZURE, whatever is written.
        if (provider != Provider.AZURE) {
            Rows.ProviderRow row = found(providerRow, "no provider " + provider);
            if (row.getId() != set(implementation.getProvider(), "provider")) {
                throw new IllegalStateException("is implemented for provider " + implementation.getProvider());
            }
            same(found(regionRow, "no region of " + provider), found(database.region(regionCode), "no region"));
            List<Object> cpus = new ArrayList<>();
            for (int parallel = 0; parallel <= 1; ++parallel) {
                cpus.add(database.cpu(row.getId(), 50, parallel).orElse(null));
                cpus.add(database.cpu(row.getId(), region, 50, parallel).orElse(null));
            }
            out.put("cpus", cpus);
        }
        Optional<Rows.Service> service = database.service("FILE_DL");
        out.put("service", service.orElse(null));
        out.put(
                "serviceDeployment",
                service.flatMap(row -> database.serviceDeployment(row.getId(), region)).orElse(null));
        out.put("networking", database.networking(region, STORAGE_REGION).orElse(null));
        out.put("download", database.dataTransfer("download", region, STORAGE_REGION).orElse(null));
        out.put("upload", database.dataTransfer("upload", region, STORAGE_REGION).orElse(null));
        out.put("updated", update(link, deployment, implementation, type));
        return out;
    }

    /** AFCL's hourly job: rows are found by link and by id, take the values, and are as they were after a rollback. */
    private Map<String, Object> update(
            String link,
            Rows.FunctionDeployment deployment,
            Rows.FunctionImplementation implementation,
            Rows.FunctionType type) {
        Map<String, Object> out = new LinkedHashMap<>();
        database.begin();
        try {
            out.put("deployment", database.updateDeployment(link, 1.5, 2.5, 3.5e-7, 0.25, 3, 17));
            out.put(
                    "implementation",
                    database.updateAverages("functionimplementation", implementation.getId(), 1.5, 3.5e-7, 0.25, 17));
            out.put("type", database.updateAverages("functiontype", type.getId(), 1.5, 3.5e-7, 0.25, 17));
            Rows.FunctionDeployment changed = found(database.deployment(link), "lost by the update");
            if (changed.getId() != deployment.getId()
                    || changed.getAvgRTT() != 1.5
                    || changed.getAvgRuntime() != 2.5
                    || changed.getAvgCost() != 3.5e-7
                    || changed.getSuccessRate() != 0.25
                    || changed.getAvgLoopCounter() != 3
                    || changed.getInvocations() != 17) {
                throw new IllegalStateException("did not take what the update wrote");
            }
        } finally {
            database.rollback();
        }
        same(deployment, found(database.deployment(link), "lost by the rollback"));
        same(implementation, found(database.implementation(implementation.getId()), "no implementation"));
        same(type, found(database.type(type.getId()), "no function type"));
        return out;
    }

    /** The simulator unboxes these, and asks another database when nothing was invoked. */
    private static void requireNumbers(Rows.FunctionDeployment deployment) {
        set(deployment.getAvgRTT(), "avgRTT");
        set(deployment.getSuccessRate(), "successRate");
        set(deployment.getAvgLoopCounter(), "avgLoopCounter");
        if (set(deployment.getInvocations(), "invocations") == 0) {
            throw new IllegalStateException("invocations is 0");
        }
    }

    private static <T> T set(T value, String column) {
        if (value == null) {
            throw new IllegalStateException(column + " is NULL");
        }
        return value;
    }

    private static <T> T found(Optional<T> row, String otherwise) {
        return row.orElseThrow(() -> new IllegalStateException(otherwise));
    }

    private static void same(Object one, Object other) {
        String first = Json.write(one), second = Json.write(other);
        if (!first.equals(second)) {
            throw new IllegalStateException("two queries of one row differ: " + first + ", " + second);
        }
    }

    private static List<Long> ids(List<Rows.FunctionDeployment> rows) {
        return rows.stream().map(Rows.FunctionDeployment::getId).collect(Collectors.toList());
    }
}
