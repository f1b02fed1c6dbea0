// SPDX-License-Identifier: Apache-2.0
#include "bench.hpp"

#include "expect.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops_conformance_embedded.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json/serialize.hpp>

#include <utility>

namespace pyfops::conformance {

/// Nothing of this machine's user: no credentials but the local cloud's.
class Bench::Environment final : public System {
  public:
    Environment(const std::filesystem::path& home, std::map<std::string, std::string> variables)
        : home_(home),
          variables_(std::move(variables)) {}
    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = variables_.find(std::string(name));
        return found == variables_.end() ? std::nullopt : std::optional(found->second);
    }
    std::map<std::string, std::string> variables() const override { return variables_; }
    std::optional<std::string> read_file(const std::filesystem::path& path,
                                         std::size_t max_bytes) const override {
        return real_system().read_file(path, max_bytes);
    }
    std::filesystem::path home() const override { return home_; }
    /// The machine's: what a provider's runtime needs is resolved once for all runs.
    std::filesystem::path cache_directory() const override { return real_system().cache_directory(); }

  private:
    std::filesystem::path home_;
    std::map<std::string, std::string> variables_;
};

namespace {

/// Programs that resolve dependencies keep what the machine's user has set for them.
bool is_for_tools(const std::string& name) {
    return name == "PATH" || name == "HOME" || name.starts_with("PIP_") || name.starts_with("UV_") ||
           name.ends_with("_proxy") || name.ends_with("_PROXY") || name.starts_with("SSL_CERT_");
}

std::map<std::string, std::string> variables(const Quirks& quirks, const Cloud& cloud, bool credentials) {
    std::map<std::string, std::string> all;
    for (const auto& [name, value] : real_system().variables())
        if (is_for_tools(name)) all[name] = value;
    if (!credentials) return all;
    for (const auto& [name, value] : cloud.environment())
        all[name] = value;
    for (const auto& [name, value] : quirks.environment)
        all[name] = value;
    return all;
}

EngineOptions furnished(Bench& bench, System& system, const Cloud& cloud) {
    EngineOptions options;
    options.system = &system;
    options.clock = &bench.clock;
    options.log = &bench.log;
    options.observer = &bench.observer;
    options.seed = 1;
    options.ca_bundle = cloud.authority();
    return options;
}

Host with_wire(const Host& host, Wire& wire) {
    return {wire,       host.processes, host.sandbox, host.packages, host.workers, host.system,
            host.clock, host.random,    host.limiter, host.log,      host.observer};
}

std::vector<std::filesystem::path> plugin_places(const Cloud& cloud) {
    return cloud.plugin_path().empty() ? plugin_search_path(real_system()) : cloud.plugin_path();
}

SourceTree code_base(const std::string& version) {
    std::string text(function::text("conform.py"));
    constexpr std::string_view placeholder = "{{version}}";
    text.replace(text.find(placeholder), placeholder.size(), version);
    SourceTree tree;
    tree.add("conform.py", {.content = Bytes(std::move(text))});
    return tree;
}

} // namespace

Bench::Bench(const Quirks& quirks, Cloud& cloud, std::string project, bool with_credentials)
    : quirks_(quirks),
      cloud_(cloud),
      project_(std::move(project)),
      system_(std::make_unique<Environment>(cloud.directory() / "home",
                                            variables(quirks, cloud, with_credentials))),
      engine_(std::make_unique<Engine>(furnished(*this, *system_, cloud))),
      registry_(plugin_places(cloud)),
      wire(engine_->host().http, quirks),
      host_(with_wire(engine_->host(), wire)) {}

StageContext Bench::context() {
    return {host_,
            Deadline::after(clock, std::chrono::minutes(20)),
            {"conform", quirks_.provider, quirks_.region, "auto"}};
}

FdIdentity Bench::identity(const Wanted& wanted) const {
    return {project_,         wanted.function,
            quirks_.provider, wanted.region.empty() ? quirks_.region : wanted.region,
            Realm::local,     "auto"};
}

std::string Bench::cloud_name(const Wanted& wanted) {
    return order(wanted).target.cloud_name;
}

Order Bench::order(const Wanted& wanted) {
    Order order;
    FunctionSpec& function = order.function;
    function.name = wanted.function;
    function.type = wanted.function + "Type";
    function.source = cloud_.directory();
    function.source_name = "functions/conform";
    function.module = "conform";
    function.callable = "handler";
    function.timeout_seconds = wanted.timeout_seconds;
    function.path = "/functions/0";
    for (const auto& [name, value] : wanted.environment)
        function.environment[name] = value;
    for (const auto& [name, value] : wanted.secrets)
        function.environment[name] = SecretSource{SecretSource::Kind::environment, name};

    Diagnostics diagnostics;
    const int memory = wanted.memory_mb > 0 ? wanted.memory_mb : quirks_.memory_mb;
    const ResolveRequest resolving{function,
                                   identity(wanted),
                                   memory,
                                   quirks_.settings,
                                   "/functions/0",
                                   "/deployments/0",
                                   "/providers/" + quirks_.provider,
                                   "2026-11-23"};
    order.target = provider().resolve(resolving, diagnostics);
    for (const Finding& finding : diagnostics.findings())
        require(finding.severity != Severity::error, "resolving: " + finding.summary);

    const std::string what = order.target.identity.str() + " " + wanted.version + " " +
                             std::to_string(memory) + " " + std::to_string(wanted.timeout_seconds);
    if (const auto known = cloud_.packages.find(what); known != cloud_.packages.end())
        order.package = known->second;
    else
        order.package = cloud_.packages[what] = package(order, wanted.version);

    order.environment = wanted.environment;
    std::string configuration = order.package.content_hash + std::to_string(order.target.memory_mb) + "/" +
                                std::to_string(order.target.timeout_seconds);
    for (const auto& [name, value] : wanted.environment)
        configuration += "/" + name + "=" + value;
    for (const auto& [name, value] : wanted.secrets) {
        order.secrets.emplace(name, Secret(value));
        configuration += "/" + name + "=" + sha256_hex(value);
    }
    if (wanted.owner) order.target.identity = *wanted.owner;
    order.mark = {order.target.identity.project, order.target.identity.str(), sha256_hex(configuration)};
    return order;
}

Package Bench::package(const Order& order, const std::string& version) {
    StageContext stage = context();
    const SourceTree source = code_base(version);
    const WrapRequest wrapping{order.function, source, order.target, quirks_.settings};
    const SourceTree wrapped = engine_->run(provider().wrapper().wrap(wrapping, stage));
    DependencyRequest dependencies;
    dependencies.platform = platform_of(order.target);
    // What the provider's runtime needs is resolved once for all checks of all processes.
    dependencies.lock_file =
        host_.system.cache_directory() / "conformance" / quirks_.provider / "pyfops.lock";
    std::filesystem::create_directories(dependencies.lock_file.parent_path());
    const PackageRequest packaging{order.function, wrapped, order.target, dependencies, quirks_.settings};
    return engine_->run(provider().packager().package(packaging, stage));
}

Deployment Bench::deploy(const Wanted& wanted) {
    const Order made = order(wanted);
    StageContext stage = context();
    const DeployRequest request{made.function, made.target, made.package,    made.environment,
                                made.secrets,  made.mark,   quirks_.settings};
    return engine_->run(provider().deployer().deploy(request, stage));
}

Task<void> Bench::deploy_into(Provider& its, const Order& made, std::optional<Error>& failure) {
    StageContext stage = context();
    const DeployRequest request{made.function, made.target, made.package,    made.environment,
                                made.secrets,  made.mark,   quirks_.settings};
    std::exception_ptr thrown;
    try {
        Task<Deployment> deploying = its.deployer().deploy(request, stage);
        co_await std::move(deploying);
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) failure = to_error(thrown);
}

std::vector<std::optional<Error>> Bench::deploy_at_once(const std::vector<Wanted>& all) {
    using namespace boost::asio::experimental::awaitable_operators;
    std::vector<std::unique_ptr<PluginRegistry>> registries;
    std::vector<Order> orders;
    std::vector<std::optional<Error>> failures(all.size());
    for (const Wanted& wanted : all)
        orders.push_back(order(wanted));
    std::optional<Task<void>> together;
    for (std::size_t i = 0; i < all.size(); ++i) {
        registries.push_back(std::make_unique<PluginRegistry>(plugin_places(cloud_)));
        Task<void> one = deploy_into(registries.back()->get(quirks_.provider), orders[i], failures[i]);
        if (together)
            together = std::move(*together) && std::move(one);
        else
            together = std::move(one);
    }
    engine_->run(std::move(*together));
    return failures;
}

Deployment Bench::configure(const Deployment& deployment, std::optional<int> memory_mb,
                            std::optional<int> timeout_seconds) {
    StageContext stage = context();
    const ConfigureRequest request{deployment, memory_mb, timeout_seconds, quirks_.settings};
    return engine_->run(provider().deployer().configure(request, stage));
}

std::optional<Deployment> Bench::find(const Wanted& wanted) {
    StageContext stage = context();
    const FindRequest request{identity(wanted), cloud_name(wanted), quirks_.settings};
    return engine_->run(provider().deployer().find(request, stage));
}

std::vector<Deployment> Bench::list() {
    StageContext stage = context();
    const ListRequest request{project_, quirks_.region, Realm::local, quirks_.settings};
    return engine_->run(provider().deployer().list(request, stage));
}

void Bench::remove(const Wanted& wanted) {
    StageContext stage = context();
    const RemoveRequest request{identity(wanted), cloud_name(wanted), quirks_.settings};
    engine_->run(provider().deployer().remove(request, stage));
}

void Bench::remove_shared() {
    StageContext stage = context();
    const ListRequest request{project_, quirks_.region, Realm::local, quirks_.settings};
    engine_->run(provider().deployer().remove_shared(request, stage));
}

std::vector<LogLine> Bench::logs(const Deployment& deployment, SystemTime since, int limit) {
    StageContext stage = context();
    const LogsRequest request{deployment, since, limit, quirks_.settings};
    return engine_->run(provider().deployer().logs(request, stage));
}

Account Bench::account() {
    StageContext stage = context();
    return engine_->run(provider().account(quirks_.settings, quirks_.region, stage));
}

Invocation Bench::invoke(const Deployment& deployment, json::value event, bool probe) {
    StageContext stage = context();
    const InvokeRequest request{deployment, std::move(event), probe, false, quirks_.settings};
    return engine_->run(provider().tester().invoke(request, stage));
}

json::value Bench::tell(const Deployment& deployment, json::array command) {
    const Invocation answer = invoke(deployment, json::object{{"conform", std::move(command)}});
    if (answer.error) unmet("the function failed: " + answer.error->type + ": " + answer.error->message);
    require(answer.output.has_value(), "the invocation has neither output nor error");
    return *answer.output;
}

} // namespace pyfops::conformance
