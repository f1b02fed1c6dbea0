// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/demand.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/export.hpp"
#include "pyfops/json.hpp"
#include "pyfops/log.hpp"
#include "pyfops/provider.hpp"
#include "pyfops/report.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/target.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace pyfops {

/// Which database: sqlite:PATH, mariadb://user[:password]@host[:port]/name[?socket=/path&sslca=/path], or the
/// path of an AFCL mariaDatabase.properties file.
struct PYFOPS_EXPORT DatabaseUrl {
    enum class Kind { sqlite, mariadb };
    Kind kind = Kind::sqlite;
    std::filesystem::path path; ///< SQLite
    std::string host, user, name, socket, ssl_ca;
    std::uint16_t port = 3306;
    Secret password;
    bool password_in_url = false; ///< accepted, but a warning is due

    /// Relative paths start at `base`. The password comes from the URL, PYFOPS_DB_PASSWORD or the file that
    /// PYFOPS_DB_PASSWORD_FILE names. Throws Error(invalid_input).
    static DatabaseUrl parse(std::string_view text, const std::filesystem::path& base, const System& system);
    /// Without the password; safe to print.
    std::string str() const;
};

using RunId = std::int64_t;

/// What a command wants, written before the first cloud call.
struct RunRecord {
    std::string uuid;
    std::string project;
    std::string command; ///< "run", "deploy", ...
    Realm realm = Realm::real;
    SystemTime started;
    std::string pyfops_version;
};

/// The FT, FI and FD of one deployment; written as intent before the cloud is called.
struct IntentRecord {
    FdIdentity identity;
    std::string function_type;      ///< "thumbnailType"
    std::string provider_afcl_name; ///< "AWS"
    std::string provider_short;     ///< "AWS" in names: thumbnailAWSPython
    std::string region_location;    ///< "Frankfurt"
    std::string python;             ///< "3.11"
    std::string runtime;            ///< the provider's name of it
    std::string handler;            ///< "thumbnail:handler"
    std::string source_path;        ///< implementationFilePath
    std::string description;
    std::map<std::string, std::string> environment; ///< plain values only
    json::value first_input;                        ///< of the first test; null: none
    std::string cloud_name;
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::int64_t row = 0; ///< functiondeployment.id that asked for it; 0: none, find or make one
};

/// The rows that an intent has in the AFCL tables.
struct RecordedIntent {
    std::int64_t row = 0;             ///< functiondeployment.id
    std::string type_name;            ///< functiontype.name
    std::string implementation_name;  ///< functionimplementation.name
    std::string deployment_name;      ///< functiondeployment.name
    std::vector<std::string> notices; ///< names told apart, values that AFCL's columns do not take
};

/// What came out.
struct OutcomeRecord {
    FdIdentity identity;
    std::string link;
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::size_t package_bytes = 0; ///< of the uploaded archive
    std::size_t unzipped_bytes = 0;
    std::string content_hash;
    DeployAction action = DeployAction::unchanged;
    DeployTimes times;
    /// A search for the minimum memory has ended, with `minimum_memory_mb` or without one. Else the recorded
    /// one stays for as long as `content_hash` does.
    bool searched = false;
    std::optional<int> minimum_memory_mb;
};

struct StageRecord {
    FdIdentity identity;
    Stage stage = Stage::plan;
    SystemTime started;
    Milliseconds duration{};
    bool succeeded = false;
    std::string outcome;    ///< "created"
    std::string error_kind; ///< "" when it succeeded
    std::string message;    ///< redacted
};

struct TestRecord {
    FdIdentity identity;
    std::string test;
    int repetition = 0;
    bool passed = false;
    std::string reason; ///< of a failure
    json::value input;
    json::value output; ///< or {"error": ...}
    Milliseconds round_trip{};
    std::optional<double> duration_ms;
    std::optional<int> memory_used_mb;
    std::optional<bool> cold;
    int memory_mb = 0;
    std::string ran_on;
    SystemTime at;
    int ordinal = 0;                 ///< tells calls apart that share run, test, repetition and second
    std::optional<double> cost_usd;  ///< by the provider's price model; none: not known
    std::optional<double> billed_ms; ///< by the provider's rounding
    double weight = 1;               ///< above 0: its share in the averages
};

/// One size that the search for the minimum memory tried.
struct ProbeRecord {
    FdIdentity identity;
    int ordinal = 0; ///< within the run and the deployment, in the order of the search
    int memory_mb = 0;
    std::string verdict; ///< "passed", "too small", "refused", "wrong", "unknown"
    std::string reason;  ///< of a verdict that is not "passed"; redacted
    std::optional<double> peak_mb, duration_ms, cost_usd;
    int calls = 0;
    bool doubtful = false; ///< the calls did not agree
    SystemTime at;
};

/// AFCL's averages of a row, whoever wrote them.
struct AverageRecord {
    std::optional<double> rtt_ms;
    std::optional<double> runtime_ms; ///< of deployments only
    std::optional<double> cost_usd;
    std::optional<double> success_rate; ///< 0 to 1
    std::int64_t invocations = 0;
};

/// A recorded deployment.
struct DeploymentRecord {
    std::int64_t row = 0; ///< functiondeployment.id
    FdIdentity identity;
    std::string name; ///< functiondeployment.name, unique
    std::string cloud_name;
    std::string link;
    bool deployed = false;
    int memory_mb = 0;
    int timeout_seconds = 0;
    std::optional<int> minimum_memory_mb;
    std::size_t package_bytes = 0;
    std::string content_hash;
    Milliseconds deployment_time{};
    std::string state;   ///< "intent", "deployed", "failed", "destroyed"
    std::string updated; ///< ISO time
    AverageRecord averages;
};

struct DeploymentFilter {
    std::optional<std::string> project;
    std::optional<Realm> realm;
    bool with_destroyed = false;
};

struct SchemaReport {
    int version = 0;                      ///< of the database; 0: none of ours
    int latest = 0;                       ///< of this program
    std::vector<std::string> differences; ///< a sentence each
    std::vector<std::string> findings;    ///< contradictions in the data: two FDs, one link
};

/// The AFCL metadata database and our tables beside its own. Blocking; calls must not overlap (the pipeline
/// goes through one worker). Errors: storage, always with the database's str(). No transaction outlives a
/// call.
class PYFOPS_EXPORT Store {
  public:
    virtual ~Store();
    virtual const DatabaseUrl& url() const = 0;

    /// Creates the schema or brings an older one up to date; additive, repeatable, safe to interrupt and
    /// against a second process. The report is as that of `check` when something was done, else short: no
    /// differences, and of the findings only steps of the schema that were edited. Throws storage when the
    /// database is newer than the program.
    virtual SchemaReport migrate() = 0;
    /// What `migrate` would find and do; changes nothing.
    virtual SchemaReport check() = 0;

    /// The same uuid gives the same run: repeating any of these after a lost answer changes nothing.
    virtual RunId begin_run(const RunRecord& run) = 0;
    virtual void finish_run(RunId run, SystemTime finished, bool succeeded, const std::string& summary) = 0;
    /// FT, FI, FD, region and language rows, created if absent under the database's lock. Throws
    /// Error(conflict), and stores nothing, when `intent.row` is gone or means something else by now.
    virtual RecordedIntent record_intent(RunId run, const IntentRecord& intent) = 0;
    /// Throws Error(conflict), and stores nothing, when another FD has that link already.
    virtual void record_outcome(RunId run, const OutcomeRecord& outcome) = 0;
    virtual void record_stage(RunId run, const StageRecord& stage) = 0;
    /// Moves AFCL's averages and counters of the FD, its FI and its FT as well, once for each call: a record
    /// with the same run, identity, test, repetition, ordinal and second changes nothing. Not for the calls
    /// of a probe: they ran at another size than the row tells.
    virtual void record_test(RunId run, const TestRecord& test) = 0;
    /// Once for each run, identity and ordinal.
    virtual void record_probe(RunId run, const ProbeRecord& probe) = 0;
    virtual void record_destroyed(RunId run, const FdIdentity& identity, SystemTime at) = 0;
    /// What waits to be deployed, by row: of this project and realm, and of nobody. Brings the schema up to
    /// date first. Throws Error(storage), and changes nothing, when the database is not AFCL's.
    virtual std::vector<DemandRow> demand(const DemandFilter& filter) = 0;
    virtual std::vector<DeploymentRecord> deployments(const DeploymentFilter& filter) = 0;
    /// By deployment, then in the order in which they were made; those of destroyed deployments too.
    virtual std::vector<ProbeRecord> probes(const DeploymentFilter& filter) = 0;
    /// The oldest first.
    virtual std::vector<RecordedRun> runs(const DeploymentFilter& filter) = 0;
    virtual AfclReport afcl_report(const DeploymentFilter& filter) = 0;
};

/// Opens a database (an SQLite file is created with its folder). Throws Error(storage) that says what to do.
PYFOPS_EXPORT std::unique_ptr<Store> open_store(const DatabaseUrl& url, Log& log);

/// The provider's region code as AFCL has it: codes of Alibaba that AWS uses too become "alibaba-<code>".
PYFOPS_EXPORT std::string afcl_region(std::string_view provider, std::string_view region);
PYFOPS_EXPORT std::string region_from_afcl(std::string_view provider, std::string_view afcl_code);

} // namespace pyfops
