// SPDX-License-Identifier: Apache-2.0
#include "packaging/tools.hpp"

#include "base/file_lock.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"
#include "pyfops_packaging_files_embedded.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <regex>

namespace pyfops::packaging {
namespace {

namespace fs = std::filesystem;

constexpr const char* base_python = "/usr/bin/python3";

/// What pip may see of the user's environment: how to reach indexes, nothing that changes what is installed.
std::map<std::string, std::string> users_environment(const System& system) {
    static constexpr std::string_view names[] = {"HOME",
                                                 "PATH",
                                                 "XDG_CONFIG_HOME",
                                                 "XDG_CONFIG_DIRS",
                                                 "NETRC",
                                                 "SSL_CERT_FILE",
                                                 "SSL_CERT_DIR",
                                                 "http_proxy",
                                                 "https_proxy",
                                                 "all_proxy",
                                                 "no_proxy",
                                                 "HTTP_PROXY",
                                                 "HTTPS_PROXY",
                                                 "ALL_PROXY",
                                                 "NO_PROXY",
                                                 "PIP_CONFIG_FILE",
                                                 "PIP_INDEX_URL",
                                                 "PIP_EXTRA_INDEX_URL",
                                                 "PIP_FIND_LINKS",
                                                 "PIP_NO_INDEX",
                                                 "PIP_CERT",
                                                 "PIP_CLIENT_CERT",
                                                 "PIP_TRUSTED_HOST",
                                                 "PIP_PROXY",
                                                 "PIP_TIMEOUT",
                                                 "PIP_DEFAULT_TIMEOUT",
                                                 "PIP_RETRIES",
                                                 "REQUESTS_CA_BUNDLE",
                                                 "CURL_CA_BUNDLE"};
    std::map<std::string, std::string> environment = {{"LC_ALL", "C.UTF-8"},
                                                      {"PIP_NO_INPUT", "1"},
                                                      {"PIP_DISABLE_PIP_VERSION_CHECK", "1"},
                                                      {"PYTHONDONTWRITEBYTECODE", "1"}};
    for (const std::string_view name : names)
        if (auto value = system.variable(name)) environment[std::string(name)] = std::move(*value);
    return environment;
}

std::string last_lines(const std::string& text) {
    return excerpt_of_end(text, 600);
}

std::vector<std::string> strings(const json::value& answer, std::string_view key) {
    std::vector<std::string> all;
    if (const json::value* list = pyfops::find(answer, key); list && list->is_array())
        for (const json::value& one : list->as_array())
            if (one.is_string()) all.emplace_back(one.as_string());
    return all;
}

/// Why pip reached no index, by what it says on the way; "": it reached one, or says nothing of it.
std::string no_answer(const std::string& output) {
    static const std::regex broken(R"(connection broken by '\w+\((.*)\)': /)");
    static const std::regex object(R"(<[^<>]*>:? ?)");
    std::smatch match;
    if (!std::regex_search(output, match, broken))
        return output.find("(from versions: none)") == std::string::npos ? "" : "pip found no page of it";
    std::string why = std::regex_replace(match[1].str(), object, "");
    std::erase_if(why, [](char c) { return c == '\'' || c == '"'; });
    return excerpt(why, 200);
}

/// The part between "//" and "@" of a URL; empty: there is none.
std::string credentials(std::string_view url) {
    const std::size_t start = url.find("://");
    if (start == std::string_view::npos) return {};
    const std::string_view authority = url.substr(start + 3, url.find('/', start + 3) - start - 3);
    const std::size_t at = authority.rfind('@');
    return at == std::string_view::npos ? std::string() : std::string(authority.substr(0, at));
}

IndexSettings to_settings(const json::value& answer) {
    IndexSettings settings;
    const std::vector<std::string> extra = strings(answer, "extra_index_urls");
    const std::vector<std::string> links = strings(answer, "find_links");
    const std::vector<std::string> trusted = strings(answer, "trusted_hosts");
    const std::string index = string_or(answer, "index_url"), cert = string_or(answer, "cert"),
                      client = string_or(answer, "client_cert"), proxy = string_or(answer, "proxy");
    const std::string timeout = std::to_string(integer_or(answer, "timeout", 15));
    const json::value* no_index = pyfops::find(answer, "no_index");
    settings.no_index = no_index && no_index->is_bool() && no_index->as_bool();

    for (const auto& urls : {std::vector<std::string>{index, proxy}, extra, links})
        for (const std::string& url : urls)
            if (std::string user = credentials(url); !user.empty()) {
                if (const std::size_t colon = user.find(':'); colon != std::string::npos)
                    settings.passwords.emplace_back(user.substr(colon + 1));
                settings.passwords.emplace_back(std::move(user));
            }
    const auto both = [&](const char* uv, const char* pip, const std::string& for_uv,
                          const std::string& for_pip) {
        if (!for_uv.empty()) settings.uv.set(uv, for_uv);
        if (!for_pip.empty()) settings.pip.set(pip, for_pip);
    };
    both("UV_DEFAULT_INDEX", "PIP_INDEX_URL", index, index);
    both("UV_INDEX", "PIP_EXTRA_INDEX_URL", fmt::format("{}", fmt::join(extra, " ")),
         fmt::format("{}", fmt::join(extra, " ")));
    both("UV_FIND_LINKS", "PIP_FIND_LINKS", fmt::format("{}", fmt::join(links, ",")),
         fmt::format("{}", fmt::join(links, " ")));
    both("UV_INSECURE_HOST", "PIP_TRUSTED_HOST", fmt::format("{}", fmt::join(trusted, " ")),
         fmt::format("{}", fmt::join(trusted, " ")));
    both("SSL_CERT_FILE", "PIP_CERT", cert, cert);
    both("SSL_CLIENT_CERT", "PIP_CLIENT_CERT", client, client);
    both("ALL_PROXY", "PIP_PROXY", proxy, proxy);
    both("UV_HTTP_TIMEOUT", "PIP_TIMEOUT", timeout, timeout);
    const std::string retries = std::to_string(integer_or(answer, "retries", 3));
    both("UV_HTTP_RETRIES", "PIP_RETRIES", retries, retries);
    if (settings.no_index) settings.pip.set("PIP_NO_INDEX", "1");
    return settings;
}

} // namespace

void IndexSettings::Environment::set(const std::string& name, const std::string& value) {
    if (value.find('@') == std::string::npos)
        plain[name] = value;
    else
        secret.insert_or_assign(name, Secret(value));
}

void IndexSettings::Environment::add_to(std::map<std::string, std::string>& environment) const {
    for (const auto& [name, value] : plain)
        environment[name] = value;
    for (const auto& [name, value] : secret)
        environment[name] = value.expose();
}

Task<fs::path> PythonTools::folder(StageContext& context) {
    if (!folder_.empty()) co_return folder_;
    const std::string key =
        sha256_hex(std::string(files::text("tools.txt")) + fs::canonical(base_python).filename().string())
            .substr(0, 16);
    const fs::path folder = cache_.tools() / key;
    if (!fs::exists(folder / "complete")) {
        Task<FileLock> waiting = FileLock::acquire(cache_.locks() / ("tools-" + key), context);
        const FileLock lock = co_await std::move(waiting);
        if (!fs::exists(folder / "complete")) {
            Task<void> making = install(folder, context);
            co_await std::move(making);
        }
    }
    folder_ = folder;
    co_return folder;
}

Task<void> PythonTools::install(fs::path folder, StageContext& context) {
    context.progress(Stage::package, "installing the resolver (once)");
    fs::remove_all(folder);
    fs::create_directories(folder.parent_path());
    ProcessRequest venv;
    venv.command = {base_python, "-I", "-m", "venv", folder.string()};
    venv.environment = users_environment(context.host.system);
    Task<ProcessResult> making = context.host.processes.run(std::move(venv), context.deadline);
    const ProcessResult made = co_await std::move(making);
    if (!made.ok())
        throw Error(ErrorKind::unavailable, "the Python environment of pyfOps cannot be made: " +
                                                last_lines(made.output + made.error_output))
            .hint("install python3-venv (apt-get install python3-venv)");

    write_file(folder / "tools.txt", files::text("tools.txt"));
    ProcessRequest pip;
    pip.command = {(folder / "bin/python").string(),
                   "-I",
                   "-m",
                   "pip",
                   "install",
                   "--quiet",
                   "--require-hashes",
                   "--only-binary=:all:",
                   "--no-deps",
                   "--no-cache-dir",
                   "-r",
                   (folder / "tools.txt").string()};
    pip.environment = users_environment(context.host.system);
    pip.environment.try_emplace("PIP_RETRIES",
                                "1"); // pip's own five take seconds to say that nobody is there
    Task<ProcessResult> installing = context.host.processes.run(std::move(pip), context.deadline);
    const ProcessResult installed = co_await std::move(installing);
    if (const std::string why = no_answer(installed.error_output); !installed.ok() && !why.empty())
        throw Error(
            ErrorKind::unavailable,
            fmt::format("no package index answers ({}), and the resolver (uv and pip, pinned) is not in "
                        "the cache yet",
                        why))
            .hint("see whether the network and pip's index settings ('pip config list') are right; "
                  "PYFOPS_CACHE_DIR may name a cache that has what is needed");
    if (!installed.ok())
        throw Error(ErrorKind::unavailable, "the resolver (uv and pip, pinned) cannot be installed: " +
                                                last_lines(installed.error_output))
            .hint("see whether 'pip download uv' reaches your package index; pyfOps uses pip's own settings");
    write_file(folder / "complete", "");
}

Task<ProcessResult> PythonTools::run_helper(json::object request, fs::path directory,
                                            std::map<std::string, std::string> environment,
                                            StageContext& context) {
    Task<fs::path> finding = folder(context);
    const fs::path tools = co_await std::move(finding);
    ProcessRequest process;
    process.command = {(tools / "bin/python").string(), "-I", "-c", std::string(files::text("index.py"))};
    process.environment = std::move(environment);
    process.environment["PIP_CACHE_DIR"] = cache_.pip().string();
    process.directory = std::move(directory);
    process.input = json::serialize(request);
    Task<ProcessResult> running = context.host.processes.run(std::move(process), context.deadline);
    co_return co_await std::move(running);
}

Task<void> PythonTools::read_settings(StageContext& context) {
    if (settings_) co_return;
    Task<ProcessResult> asking =
        run_helper({{"do", "settings"}}, {}, users_environment(context.host.system), context);
    const ProcessResult answer = co_await std::move(asking);
    if (!answer.ok())
        throw Error(ErrorKind::invalid_input,
                    "pip's settings cannot be read: " + last_lines(answer.error_output))
            .hint("run 'pip config list' and repair what it complains about");
    settings_ = to_settings(parse_json(answer.output, "pip's settings"));
}

std::map<std::string, std::string> PythonTools::pip_environment(const StageContext& context) const {
    std::map<std::string, std::string> environment = users_environment(context.host.system);
    std::erase_if(environment, [](const auto& item) { return item.first.starts_with("PIP_"); });
    environment["PIP_NO_INPUT"] = "1";
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1";
    environment["PIP_CONFIG_FILE"] = "/dev/null"; // what counts of it has been read
    environment["PIP_CACHE_DIR"] = cache_.pip().string();
    settings_->pip.add_to(environment);
    return environment;
}

Task<json::value> PythonTools::ask(json::object request, fs::path directory, StageContext& context) {
    Task<void> reading = read_settings(context);
    co_await std::move(reading);
    Task<ProcessResult> asking =
        run_helper(std::move(request), std::move(directory), pip_environment(context), context);
    const ProcessResult answer = co_await std::move(asking);
    if (!answer.ok())
        throw Error(ErrorKind::internal, "the index client failed: " + last_lines(answer.error_output));
    co_return parse_json(answer.output, "the index client's answer", {.max_bytes = 64u << 20});
}

Task<ProcessResult> PythonTools::pip(std::vector<std::string> arguments, fs::path directory,
                                     StageContext& context) {
    Task<void> reading = read_settings(context);
    co_await std::move(reading);
    Task<fs::path> finding = folder(context);
    const fs::path tools = co_await std::move(finding);
    ProcessRequest process;
    process.command = {(tools / "bin/python").string(), "-I", "-m", "pip"};
    process.command.insert(process.command.end(), arguments.begin(), arguments.end());
    process.environment = pip_environment(context);
    process.directory = std::move(directory);
    Task<ProcessResult> running = context.host.processes.run(std::move(process), context.deadline);
    co_return co_await std::move(running);
}

Task<ProcessResult> PythonTools::uv(std::vector<std::string> arguments, fs::path local_wheels,
                                    fs::path directory, StageContext& context) {
    Task<void> reading = read_settings(context);
    co_await std::move(reading);
    Task<fs::path> finding = folder(context);
    const fs::path tools = co_await std::move(finding);
    ProcessRequest process;
    process.command = {(tools / "bin/uv").string()};
    process.command.insert(process.command.end(), arguments.begin(), arguments.end());
    if (settings_->no_index) process.command.emplace_back("--no-index");
    std::map<std::string, std::string> environment = users_environment(context.host.system);
    std::erase_if(environment, [](const auto& item) { return item.first.starts_with("PIP_"); });
    environment["UV_CACHE_DIR"] = cache_.uv().string();
    environment["UV_NO_CONFIG"] = "1";
    environment["UV_PYTHON_DOWNLOADS"] = "never";
    environment["UV_SYSTEM_CERTS"] = "1";
    settings_->uv.add_to(environment);
    if (!local_wheels.empty()) { // as an option it would replace the user's
        std::string& links = environment["UV_FIND_LINKS"];
        links += (links.empty() ? "" : ",") + local_wheels.string();
    }
    process.environment = std::move(environment);
    process.directory = std::move(directory);
    Task<ProcessResult> running = context.host.processes.run(std::move(process), context.deadline);
    co_return co_await std::move(running);
}

} // namespace pyfops::packaging
