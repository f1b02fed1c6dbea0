// SPDX-License-Identifier: Apache-2.0
#include "credentials/chain.hpp"

#include "endpoints.hpp"
#include "pyfops/error.hpp"
#include "pyfops/text.hpp"

namespace pyfops::google {

namespace fs = std::filesystem;

namespace {

std::optional<Credentials> from_variable(Search& search) {
    const auto path = variable(search.system(), "GOOGLE_APPLICATION_CREDENTIALS");
    if (!path) {
        search.tried.push_back("GOOGLE_APPLICATION_CREDENTIALS is not set");
        return std::nullopt;
    }
    const auto text = search.system().read_file(*path);
    if (!text)
        throw Error(ErrorKind::unauthenticated,
                    "the file that GOOGLE_APPLICATION_CREDENTIALS names does not exist: " + *path)
            .hint("correct the path, or unset the variable");
    return read_credentials(*text, "GOOGLE_APPLICATION_CREDENTIALS");
}

std::optional<Credentials> from_gcloud(Search& search) {
    const fs::path file = gcloud_directory(search.system()) / "application_default_credentials.json";
    const auto text = search.system().read_file(file);
    if (!text) {
        search.tried.push_back("there is no " + file.string());
        return std::nullopt;
    }
    return read_credentials(*text, file.string());
}

[[noreturn]] void nothing_found(const Search& search) {
    std::string tried;
    for (const std::string& step : search.tried)
        tried += (tried.empty() ? "" : "; ") + step;
    Error failure(ErrorKind::unauthenticated, "no Google credentials were found (tried: " + tried + ")");
    failure.hint(
        variable(search.system(), "ACTIONS_ID_TOKEN_REQUEST_URL")
            ? "in GitHub Actions, put the step google-github-actions/auth before this one"
            : "run 'gcloud auth application-default login', or set GOOGLE_APPLICATION_CREDENTIALS to a "
              "key file; with --local none are needed");
    throw failure;
}

/// `key = value` of the [core] section of a gcloud configuration.
std::string core_value(const std::string& text, std::string_view wanted) {
    bool in_core = false;
    for (const std::string_view raw : split(text, '\n')) {
        const std::string_view line = trimmed(raw);
        if (line.starts_with('[')) in_core = line == "[core]";
        const auto equals = line.find('=');
        if (in_core && equals != std::string_view::npos && trimmed(line.substr(0, equals)) == wanted)
            return std::string(trimmed(line.substr(equals + 1)));
    }
    return {};
}

std::string gcloud_project(const System& system) {
    const fs::path folder = gcloud_directory(system);
    std::string name = variable(system, "CLOUDSDK_ACTIVE_CONFIG_NAME").value_or("");
    if (name.empty())
        name = std::string(trimmed(system.read_file(folder / "active_config").value_or("default")));
    if (name.empty() || name.find('/') != std::string::npos) return {};
    return core_value(system.read_file(folder / "configurations" / ("config_" + name)).value_or(""),
                      "project");
}

} // namespace

std::vector<std::string> credential_sources() {
    return {
        "file named by GOOGLE_APPLICATION_CREDENTIALS (service account, user, workload identity federation, "
        "impersonated service account)",
        "gcloud's application_default_credentials.json ($CLOUDSDK_CONFIG or ~/.config/gcloud)",
        "metadata server (GCE_METADATA_HOST)"};
}

fs::path gcloud_directory(const System& system) {
    if (const auto own = variable(system, "CLOUDSDK_CONFIG")) return *own;
    return system.home() / ".config" / "gcloud";
}

Task<Credentials> find_credentials(Search search) {
    if (auto found = from_variable(search)) co_return std::move(*found);
    if (auto found = from_gcloud(search)) co_return std::move(*found);
    Task<std::optional<Credentials>> asking = from_metadata(search);
    if (auto found = co_await std::move(asking)) co_return std::move(*found);
    nothing_found(search);
}

Task<std::string> find_project(StageContext& context, std::string setting, const Credentials& credentials) {
    if (!setting.empty()) co_return setting;
    const System& system = context.host.system;
    for (const char* name : {"GOOGLE_CLOUD_PROJECT", "GCLOUD_PROJECT", "CLOUDSDK_CORE_PROJECT"})
        if (const auto project = variable(system, name)) co_return *project;
    if (!credentials.project.empty()) co_return credentials.project;
    if (std::string project = gcloud_project(system); !project.empty()) co_return project;
    if (const auto* metadata = std::get_if<Metadata>(&credentials.kind)) {
        Task<std::string> asking = ask_metadata(context, metadata->base, "project/project-id");
        co_return co_await std::move(asking);
    }
    // An account of a project carries its id: name@project.iam.gserviceaccount.com.
    const std::string& email = credentials.principal;
    constexpr std::string_view domain = ".iam.gserviceaccount.com";
    if (const auto at = email.find('@'); at != std::string::npos && email.ends_with(domain))
        co_return email.substr(at + 1, email.size() - at - 1 - domain.size());
    if (!credentials.quota_project.empty()) co_return credentials.quota_project;
    throw Error(ErrorKind::invalid_input, "no Google Cloud project is named")
        .hint("set providers.google.project or GOOGLE_CLOUD_PROJECT, or run 'gcloud config set project ID'");
}

} // namespace pyfops::google
