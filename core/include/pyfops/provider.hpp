// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/context.hpp"
#include "pyfops/deployment.hpp"
#include "pyfops/diagnostics.hpp"
#include "pyfops/export.hpp"
#include "pyfops/package.hpp"
#include "pyfops/task.hpp"

#include <optional>
#include <string>
#include <vector>

namespace pyfops {

// ---- what a provider says of itself: data, with the source of every figure
// ---------------------------------

struct RegionInfo {
    std::string code;     ///< "eu-central-1"
    std::string location; ///< "Frankfurt"
    bool opt_in = false;  ///< must be enabled in the account first
};

struct RuntimeInfo {
    std::string python;       ///< "3.11"
    std::string name;         ///< "python3.11"
    std::string os;           ///< "Amazon Linux 2"
    std::string glibc;        ///< "2.26"
    std::string deprecation;  ///< ISO date or ""
    std::string block_create; ///< ISO date or ""
    std::string block_update; ///< ISO date or ""
    bool preview = false;
    std::string source; ///< where these facts are from
};

/// The processor share that comes with a memory size.
struct CpuShare {
    int memory_mb = 0;
    double vcpus = 0;
};

/// Which memory sizes can be asked for, in MB.
struct MemoryRule {
    int minimum = 0, maximum = 0, step = 1;
    int standard = 0;          ///< what `memory: auto` starts from until it is tuned
    std::vector<int> sizes;    ///< when only these exist; empty: minimum..maximum by step
    int tuning_step = 64;      ///< the tuner's grid where `sizes` is empty
    std::vector<CpuShare> cpu; ///< rising; between two of them in proportion; empty: not known
    std::string source;
    PYFOPS_EXPORT bool allows(int megabytes) const noexcept;
    /// The nearest allowed size, upwards where there is one.
    PYFOPS_EXPORT int nearest(int megabytes) const noexcept;
};

struct ProviderLimits {
    int timeout_minimum = 1, timeout_maximum = 900, timeout_standard = 30; ///< seconds
    std::size_t inline_zip_bytes = SIZE_MAX; ///< larger packages go through object storage
    std::size_t zip_bytes = SIZE_MAX;        ///< largest package at all
    std::size_t unzipped_bytes = SIZE_MAX;
    std::size_t environment_bytes = SIZE_MAX;
    std::size_t name_length = 63;
    std::size_t event_bytes = 6u << 20;
    std::size_t answer_bytes = 6u << 20;
    std::string source;
};

struct PriceInfo {
    std::string region; ///< "" : all that are not listed
    std::string architecture = "x86_64";
    double per_request = 0;     ///< USD
    double per_gb_second = 0;   ///< USD; GB as 1024 MB
    double per_vcpu_second = 0; ///< USD; with MemoryRule::cpu
    int rounding_ms = 1;        ///< duration is rounded up to a multiple
    int minimum_ms = 0;         ///< a shorter call is charged as one of this duration
    std::string source;
};

/// A key under `providers.<id>` in the project file.
struct SettingInfo {
    enum class Type { string, boolean, integer, string_list, object };
    std::string key;
    Type type = Type::string;
    std::string description;
    std::vector<std::string> values; ///< the allowed ones; empty: any
};

struct ProviderInfo {
    std::string id;         ///< "aws": in the project file, the module's name and the emulator
    std::string title;      ///< "AWS Lambda"
    std::string afcl_name;  ///< row of the AFCL table `provider`: "AWS"
    std::string afcl_short; ///< in AFCL names, "AWS" or "GCP": bwaSplitAWSPython
    std::vector<RegionInfo> regions;
    std::vector<RuntimeInfo> runtimes; ///< newest first
    std::vector<std::string> architectures{"x86_64"};
    /// Python modules that the runtime brings along ("boto3"): they need not be in the package.
    std::vector<std::string> provided_modules;
    MemoryRule memory;
    ProviderLimits limits;
    std::vector<PriceInfo> prices;
    std::vector<SettingInfo> settings;
    std::vector<std::string> credential_sources; ///< in the order they are tried, for `doctor` and docs
    int concurrency = 10;                        ///< deployments at a time, by default
};

// ---- the stages ---------------------------------------------------------------------------------------

/// An empty object, for requests of a project that sets nothing.
PYFOPS_EXPORT const json::object& no_settings() noexcept;

struct WrapRequest {
    const FunctionSpec& function;
    const SourceTree& source; ///< the user's code base, never edited
    const Target& target;
    const json::object& settings = no_settings(); ///< `providers.<id>` of the project
    /// The other functions of `target.group`, in the project's order: the tree gets their entry points too.
    std::vector<const FunctionSpec*> companions = {};
};

/// Adds the provider's entry point to a code base.
class PYFOPS_EXPORT Wrapper {
  public:
    virtual ~Wrapper();
    /// The source and the entry files. Equal for all FDs of the same provider, Python version and platform,
    /// so it is done once for them.
    virtual Task<SourceTree> wrap(const WrapRequest& request, StageContext& context) = 0;
};

struct PackageRequest {
    const FunctionSpec& function;
    const SourceTree& wrapped;
    const Target& target;
    DependencyRequest dependencies;               ///< for platform_of(target)
    const json::object& settings = no_settings(); ///< `providers.<id>` of the project
};

class PYFOPS_EXPORT Packager {
  public:
    virtual ~Packager();
    /// Refuses what the provider would refuse, before anything is sent. Errors: as PackageBuilder.
    virtual Task<Package> package(const PackageRequest& request, StageContext& context) = 0;
};

/// All verbs are idempotent: repeating one after a lost answer converges. They return when the provider says
/// that the change is in force. Errors: unauthenticated, forbidden, conflict (a resource of that name without
/// our mark), limit_exceeded, throttled, unavailable, timeout, cancelled.
class PYFOPS_EXPORT Deployer {
  public:
    virtual ~Deployer();
    /// Creates or updates. Makes no write call when mark.content_hash is what the cloud has already.
    virtual Task<Deployment> deploy(const DeployRequest& request, StageContext& context) = 0;
    /// Changes memory or timeout and reads the result back.
    virtual Task<Deployment> configure(const ConfigureRequest& request, StageContext& context) = 0;
    /// nullopt when there is none, or none of ours.
    virtual Task<std::optional<Deployment>> find(const FindRequest& request, StageContext& context) = 0;
    /// Everything in that region that carries the project's mark.
    virtual Task<std::vector<Deployment>> list(const ListRequest& request, StageContext& context) = 0;
    /// Removes the deployment and what was made for it alone; absent is success; without our mark: conflict.
    virtual Task<void> remove(const RemoveRequest& request, StageContext& context) = 0;
    /// Removes what deployments of the project shared (role, bucket) once none is left in any region.
    virtual Task<void> remove_shared(const ListRequest& request, StageContext& context) = 0;
    virtual Task<std::vector<LogLine>> logs(const LogsRequest& request, StageContext& context) = 0;
};

class PYFOPS_EXPORT Tester {
  public:
    virtual ~Tester();
    /// Throws for platform errors; a function that fails is an Invocation with `error`.
    virtual Task<Invocation> invoke(const InvokeRequest& request, StageContext& context) = 0;
};

/// A function on this provider, before it is planned; paths lead into the project file.
struct ResolveRequest {
    const FunctionSpec& function;
    FdIdentity identity;
    std::optional<int> memory_mb; ///< none: memory is automatic
    const json::object& settings;
    std::string function_path;   ///< "/functions/0"
    std::string deployment_path; ///< "/deployments/1"
    std::string settings_path;   ///< "/providers/aws"
    std::string today;           ///< ISO date, for end-of-life findings
};

/// The one account that the credentials lead to.
struct Account {
    std::string id;        ///< "000000000000"
    std::string source;    ///< "environment", "profile work"
    std::string principal; ///< who, where the provider tells
};

/// What a plugin exports. One object per Engine; used from the engine's thread only.
class PYFOPS_EXPORT Provider {
  public:
    virtual ~Provider();
    virtual const ProviderInfo& info() const = 0;
    /// What functions get under these settings (`providers.<id>`): another plan or API of the same cloud may
    /// have runtimes, memory sizes, limits and prices of its own. `info` where it is not overridden. Lives as
    /// long as the provider. Pure.
    virtual const ProviderInfo& offer(const json::object& settings) const;
    /// Chooses runtime, memory, timeout and name; says in `diagnostics` (with paths) what does not fit:
    /// unknown region, memory, timeout, environment, handler length, runtime past its end. Pure.
    virtual Target resolve(const ResolveRequest& request, Diagnostics& diagnostics) const = 0;
    /// Checks `providers.<id>` beyond types and unknown keys. Pure.
    virtual void validate_settings(const json::object& settings, const std::string& path,
                                   Diagnostics& diagnostics) const;
    /// Finds credentials and says whose they are. Throws unauthenticated with what was tried.
    virtual Task<Account> account(const json::object& settings, const std::string& region,
                                  StageContext& context) = 0;
    virtual Wrapper& wrapper() = 0;
    virtual Packager& packager() = 0;
    virtual Deployer& deployer() = 0;
    virtual Tester& tester() = 0;
};

} // namespace pyfops
