// SPDX-License-Identifier: Apache-2.0
#include "commands/all.hpp"
#include "frame/exit_code.hpp"
#include "frame/session.hpp"
#include "frame/text.hpp"
#include "pyfops/accounts.hpp"
#include "pyfops/project_state.hpp"
#include "pyfops/runtimes.hpp"
#include "pyfops/sandbox.hpp"
#include "pyfops/version.hpp"
#include "views/doctor_view.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <sys/timex.h>
#include <unistd.h>

namespace pyfops::cli {

namespace {

using State = Check::State;

/// Looks at one area after the other; nothing it finds stops it.
class Doctor {
  public:
    explicit Doctor(Session& session) : session_(session) {}

    std::vector<Check> examine() {
        area("pyfOps", [this] { installation(); });
        area("Python", [this] { python(); });
        area("sandbox", [this] { sandbox(); });
        area("local cloud", [this] { local_cloud(); });
        area("project", [this] { project(); });
        area("providers", [this] { providers(); });
        area("database", [this] { database(); });
        area("clock", [this] { clock(); });
        return std::move(checks_);
    }

  private:
    template <class F>
    void area(const char* name, F look) {
        area_ = name;
        try {
            look();
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::cancelled) throw;
            add(State::problem, error);
        } catch (const std::exception& error) {
            add(State::problem, error.what());
        }
    }
    void add(State state, std::string text, std::string hint = {}) {
        checks_.push_back({area_, state, std::move(text), std::move(hint)});
    }
    void add(State state, const Error& error) { add(state, Error(error).hint("").what(), error.hint()); }
    Engine& engine() { return session_.engine(Stage::plan, false); }

    void installation() {
        add(State::good, "version " PYFOPS_VERSION);
        const auto cache = real_system().cache_directory();
        std::error_code failure;
        std::filesystem::create_directories(cache, failure);
        if (failure || ::access(cache.c_str(), W_OK) != 0) {
            add(State::problem, fmt::format("the cache {} cannot be written", cache.string()),
                "set PYFOPS_CACHE_DIR to a folder of yours");
        } else {
            add(State::good, fmt::format("cache {}", cache.string()));
        }
    }

    void python() {
        const auto runtimes = python_runtimes(real_system().cache_directory());
        if (runtimes.empty())
            add(State::problem, "there is no /usr/bin/python3", "install python3 and python3-venv");
        for (const PythonRuntime& runtime : runtimes)
            add(State::good,
                fmt::format("{} at {} (glibc {})", runtime.full_version,
                            runtime.root.empty() ? runtime.executable.string() : runtime.root.string(),
                            runtime.glibc));
        std::vector<std::string_view> others;
        for (const RuntimeSuite& suite : runtime_suites())
            if (std::none_of(runtimes.begin(), runtimes.end(),
                             [&](const PythonRuntime& one) { return one.version == suite.version; }))
                others.push_back(suite.version);
        if (!others.empty())
            add(State::note,
                fmt::format("functions for Python {} run on another version in the local cloud",
                            fmt::join(others, ", ")),
                fmt::format("'pyfops emulate --runtimes {}' makes exact ones", fmt::join(others, ",")));
    }

    void sandbox() {
        const SandboxAbilities& abilities = engine().host().sandbox.abilities();
        const char* memory = abilities.memory == MemoryControl::cgroup_v2   ? "cgroup v2"
                             : abilities.memory == MemoryControl::cgroup_v1 ? "cgroup v1"
                                                                            : "sampling";
        add(State::good, fmt::format("memory is limited by {}", memory));
        for (const std::string& missing : abilities.missing)
            add(State::note, missing);
        if (abilities.complete()) add(State::good, "handlers are wholly confined");
    }

    void local_cloud() {
        add(State::good, fmt::format("emulator {}", emulator_program(real_system()).string()));
    }

    void project() {
        std::filesystem::path file;
        try {
            file = session_.project_file();
        } catch (const Error& error) {
            if (session_.arguments().has("file")) throw;
            add(State::note, "no project here", "'pyfops init' makes one");
            return;
        }
        Diagnostics diagnostics;
        const Project loaded = load_project(file, diagnostics);
        if (diagnostics.has_errors()) {
            add(State::problem,
                fmt::format("{}: {}", file.string(), counted(diagnostics.error_count(), "error")),
                "'pyfops validate' shows them");
            return;
        }
        has_project_ = true;
        add(State::good, fmt::format("{}: {}", file.string(), counted(loaded.functions.size(), "function")));
        for (const OpenDirectory& open : open_to_others(state_directory(loaded.directory, Realm::local)))
            add(State::problem, open.problem, open.remedy + " after a look at what is in it");
    }

    void providers() {
        std::vector<AccountQuestion> questions;
        for (const PluginDescription& plugin : engine().plugins().load_all()) {
            if (!plugin.failure.empty()) {
                add(State::problem, plugin.failure);
                continue;
            }
            add(State::good, fmt::format("{} {} from {}", plugin.id, plugin.version, plugin.origin));
            questions.push_back(question(engine().plugins().get(plugin.id)));
        }
        // The local cloud asks for no account.
        if (session_.realm() == Realm::local) return;
        Host& host = engine().host();
        const auto deadline = Deadline::after(host.clock, Milliseconds(10'000));
        const auto answers = engine().run(find_accounts(host, questions, deadline));
        for (std::size_t i = 0; i < answers.size(); ++i)
            credentials(questions[i].provider->info(), answers[i]);
    }

    AccountQuestion question(Provider& provider) {
        const ProviderInfo& info = provider.info();
        std::string region = info.regions.empty() ? std::string() : info.regions.front().code;
        if (has_project_)
            for (const DeploymentEntry& entry : session_.project().deployments)
                if (entry.provider == info.id && !entry.regions.empty()) region = entry.regions.front();
        return {&provider, has_project_ ? &session_.project().settings(info.id) : &no_settings(),
                std::move(region)};
    }

    /// Which source gave credentials; never a value of them.
    void credentials(const ProviderInfo& info, const AccountAnswer& answer) {
        if (answer.account) {
            const Account& account = *answer.account;
            add(State::good, fmt::format("{}: credentials from {}: account {} {}", info.id, account.source,
                                         account.id, account.principal));
            return;
        }
        const Error& error = *answer.failure;
        if (error.kind() == ErrorKind::cancelled) throw error;
        const bool none = error.kind() == ErrorKind::unauthenticated;
        // The message of a provider tells what it tried, its hint what to do.
        add(State::note, Error(error).hint("").what(),
            none && error.hint().empty() && !info.credential_sources.empty()
                ? fmt::format("looked at: {}", fmt::join(info.credential_sources, ", "))
                : error.hint());
    }

    void database() {
        if (!has_project_ && !session_.arguments().has("database")) {
            add(State::note, "none is named", "give --database, or be in a project");
            return;
        }
        const DatabaseUrl url = session_.database_url();
        std::error_code failure;
        if (url.kind == DatabaseUrl::Kind::sqlite && !std::filesystem::exists(url.path, failure)) {
            add(State::good, fmt::format("{} does not exist yet; the first run creates it", url.str()),
                has_local_record() ? "'pyfops doctor --local' looks at that of the local cloud" : "");
            return;
        }
        const SchemaReport report = session_.store().check();
        if (report.version > report.latest) {
            add(State::problem,
                fmt::format("{} has version {}, newer than this program's {}", url.str(), report.version,
                            report.latest),
                "use a newer pyfops");
        } else if (report.version < report.latest) {
            add(State::note, fmt::format("{} has version {} of {}", url.str(), report.version, report.latest),
                "'pyfops db migrate' brings it up to date, the next run does it too");
        } else {
            add(State::good, fmt::format("{} has version {}, the latest", url.str(), report.version));
        }
        for (const std::string& finding : report.findings)
            add(State::note, finding);
    }

    bool has_local_record() {
        if (session_.realm() == Realm::local || session_.arguments().has("database")) return false;
        std::error_code failure;
        return std::filesystem::exists(
            project_state(session_.project(), Realm::local, real_system()).database.path, failure);
    }

    void clock() {
        timex time{};
        const bool synchronised = ::adjtimex(&time) != TIME_ERROR && (time.status & STA_UNSYNC) == 0;
        add(synchronised ? State::good : State::note,
            fmt::format("{}; the kernel says that it is {}synchronised",
                        to_iso8601(real_clock().system_now()), synchronised ? "" : "not "),
            synchronised
                ? ""
                : "providers refuse requests that are signed minutes off; pyfops corrects that once by "
                  "the provider's clock");
    }

    Session& session_;
    const char* area_ = "";
    bool has_project_ = false;
    std::vector<Check> checks_;
};

} // namespace

int run_doctor(const Arguments& arguments, Console& console) {
    Session session(arguments, console);
    const std::vector<Check> checks = Doctor(session).examine();
    session.finish_progress();
    if (console.json()) {
        console.result(doctor_json(checks));
    } else {
        console.result(doctor_text(checks, console.out()));
    }
    return has_problem(checks) ? something_failed : all_well;
}

} // namespace pyfops::cli
