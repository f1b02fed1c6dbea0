// SPDX-License-Identifier: Apache-2.0
#include "frame/session.hpp"

#include "frame/text.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace pyfops::cli {

namespace {

std::string count_errors(const std::vector<Finding>& findings) {
    const auto errors = std::count_if(findings.begin(), findings.end(), [](const Finding& finding) {
        return finding.severity == Severity::error;
    });
    return "the project file has " + counted(static_cast<std::size_t>(errors), "error");
}

} // namespace

InvalidInput::InvalidInput(std::string what, std::vector<Finding> all)
    : Error(ErrorKind::invalid_input, std::move(what)),
      findings(std::move(all)) {}

InvalidProject::InvalidProject(std::vector<Finding> all) : InvalidInput(count_errors(all), all) {}

std::string today(const Clock& clock) {
    return to_iso8601(clock.system_now()).substr(0, 10);
}

/// Keeps the notices that belong to no deployment, and shows everything.
class Session::Collector final : public Observer {
  public:
    Collector(Console& console, Stage last) : progress(console, last) {}
    void on(const Event& event) noexcept override {
        try {
            if (const auto* notice = std::get_if<Notice>(&event); notice && notice->subject.function.empty())
                notices.push_back(notice->text);
        } catch (...) {
            // Without memory for a notice the run still goes on.
        }
        progress.on(event);
    }
    Progress progress;
    std::vector<std::string> notices;
};

Session::Session(const Arguments& arguments, Console& console)
    : arguments_(arguments),
      console_(console),
      log_(console) {
    // Words that mean nothing are told before anything is read, printed or started.
    for (const std::string& expression : arguments.values("only"))
        selection_.add(expression);
    jobs_ = static_cast<int>(arguments.number("jobs", 1, 10'000, 0));
    if (arguments.has("timeout")) timeout_ = parse_duration(arguments.value("timeout"), "option '--timeout'");
}

Session::~Session() {
    interrupt_.reset();
}

std::filesystem::path Session::project_file() const {
    const std::string given = arguments_.value("file");
    if (given.empty()) return find_project_file(std::filesystem::current_path());
    std::error_code failure;
    if (std::filesystem::is_directory(given, failure)) return find_project_file(given);
    if (!std::filesystem::exists(given, failure))
        throw Error(ErrorKind::not_found, fmt::format("there is no project file '{}'", escape_control(given)))
            .hint("'pyfops init DIR' makes a project");
    return std::filesystem::absolute(given);
}

const Project& Session::project() {
    if (project_) return *project_;
    Diagnostics diagnostics;
    Project project = load_project(project_file(), diagnostics);
    if (diagnostics.has_errors()) throw InvalidProject(diagnostics.findings());
    std::vector<Finding> warnings = diagnostics.findings();
    if (arguments_.has("from-database"))
        std::erase_if(warnings, [](const Finding& finding) { return finding.code == "no-deployments"; });
    console_.note(render(warnings, console_.err().colour));
    project_ = std::move(project);
    return *project_;
}

void Session::take_demand(PluginRegistry& plugins, Diagnostics& diagnostics) {
    const DemandFilter filter{project().name, realm(), arguments_.has("redeploy")};
    const std::vector<DemandRow> rows = store().demand(filter);
    project_ =
        demanded_project(*project_, rows, store().url().str(), realm(), selection(), plugins, diagnostics);
}

const Project& Session::checked_project() {
    project();
    // With a registry of its own: what is wrong here must not start a local cloud first.
    PluginRegistry plugins(plugin_search_path(real_system()));
    Diagnostics diagnostics;
    if (arguments_.has("from-database")) {
        take_demand(plugins, diagnostics);
    } else if (arguments_.has("redeploy")) {
        throw Error(ErrorKind::invalid_input, "option '--redeploy' is about rows of the database")
            .hint("add --from-database");
    }
    validate_providers(*project_, plugins, today(real_clock()), diagnostics);
    if (diagnostics.has_errors()) throw InvalidProject(diagnostics.findings());
    console_.note(render(diagnostics.findings(), console_.err().colour));
    return *project_;
}

ProjectState Session::state() {
    return project_state(project(), realm(), real_system());
}

DatabaseUrl Session::database_url() {
    if (!arguments_.has("database")) return state().database;
    return DatabaseUrl::parse(arguments_.value("database"), std::filesystem::current_path(), real_system());
}

void Session::start_local_cloud() {
    LocalCloudOptions options;
    options.state = state().directory;
    options.require_sandbox = arguments_.has("require-sandbox");
    local_cloud_ = std::make_unique<LocalCloud>(options, real_system());
    for (const std::string& notice : local_cloud_->notices())
        console_.note("note: " + escape_control(notice));
}

System& Session::credentials() {
    if (realm() == Realm::local)
        throw Error(ErrorKind::invalid_input, "the local cloud takes no credentials")
            .hint("leave out --credentials, or --local");
    credentials_ = read_engine_credentials(arguments_.value("credentials"), real_system());
    for (const std::string& warning : credentials_->warnings)
        console_.note("warning: " + escape_control(warning));
    return *credentials_->system;
}

Engine& Session::engine(Stage last, bool clouds) {
    if (engine_) return *engine_;
    EngineOptions options;
    if (arguments_.has("credentials")) options.system = &credentials();
    if (clouds && realm() == Realm::local) {
        start_local_cloud();
        options.overlay = local_cloud_->environment();
    }
    collector_ = std::make_unique<Collector>(console_, last);
    options.log = &log_;
    options.observer = collector_.get();
    options.ca_bundle = arguments_.value("ca-bundle");
    options.trace_http = arguments_.value("trace-http");
    options.require_sandbox = arguments_.has("require-sandbox");
    engine_ = std::make_unique<Engine>(options);
    interrupt_ = std::make_unique<Interrupt>([this] {
        console_.screen().print("stopping after what is under way; Ctrl-C again leaves at once");
        engine_->cancel();
    });
    return *engine_;
}

Store& Session::store() {
    if (!store_) {
        const DatabaseUrl url = database_url();
        if (url.password_in_url)
            console_.note("warning: the database's password stands in its URL, where other users may see it; "
                          "PYFOPS_DB_PASSWORD or PYFOPS_DB_PASSWORD_FILE keeps it private");
        store_ = open_store(url, log_);
    }
    return *store_;
}

Pipeline& Session::pipeline(bool recording) {
    if (!pipeline_) {
        if (recording) {
            store();
            journal_ = std::make_unique<Journal>(state().journal);
        }
        pipeline_ =
            std::make_unique<Pipeline>(engine_->host(), engine_->plugins(), store_.get(), journal_.get());
    }
    return *pipeline_;
}

RunRequest Session::request(const std::string& command, Stage last) {
    RunRequest request{project()};
    request.selection = selection();
    request.realm = realm();
    request.last = last;
    request.command = command;
    request.jobs = jobs_;
    if (timeout_) request.deadline = Deadline::after(engine_->host().clock, *timeout_);
    return request;
}

void Session::finish_progress() {
    if (collector_) collector_->progress.finish();
}

std::vector<std::string> Session::notices() const {
    return collector_ ? collector_->notices : std::vector<std::string>{};
}

} // namespace pyfops::cli
