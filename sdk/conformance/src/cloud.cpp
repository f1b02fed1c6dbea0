// SPDX-License-Identifier: Apache-2.0
#include "cloud.hpp"

#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace pyfops::conformance {

namespace fs = std::filesystem;

Folder::Folder() {
    std::string name = (fs::temp_directory_path() / "pyfops-conformance-XXXXXX").string();
    if (!::mkdtemp(name.data()))
        throw Error(ErrorKind::unavailable, "cannot make " + name + ": " + std::strerror(errno));
    path_ = name;
}

Folder::~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

Cloud::Cloud(const Quirks& quirks, std::vector<fs::path> plugin_path)
    : quirks_(quirks),
      plugin_path_(std::move(plugin_path)) {
    LocalCloudOptions options;
    options.state = folder_.path() / "state";
    options.plugin_path = plugin_path_;
    local_ = std::make_unique<LocalCloud>(options, real_system());
    const json::value description =
        parse_json(read_file(options.state / "emulator.json"), "the local cloud's description");
    token_ = string_or(description, "token");
    pid_ = integer_or(description, "pid");
    faults();
}

Cloud::~Cloud() {
    // Nobody else uses it: it need not linger. It must be gone before its directory is.
    local_.reset();
    if (pid_ <= 0) return;
    ::kill(static_cast<pid_t>(pid_), SIGTERM);
    for (int i = 0; i < 300 && ::kill(static_cast<pid_t>(pid_), 0) == 0; ++i) {
        if (!fs::exists(folder_.path() / "state" / "emulator.json")) break; // it removes this at its end
        std::this_thread::sleep_for(Milliseconds(10));
    }
}

json::value Cloud::control(const std::string& method, const std::string& path, const std::string& body) {
    HttpRequest request;
    request.method = method;
    request.url = Url::parse(local_->base_url() + path);
    request.headers.set("Authorization", "Bearer " + token_, true);
    request.body = Bytes(body);
    request.operation = "the control API of the local cloud";
    const HttpResponse answer = engine_.run(engine_.host().http.send(request, Deadline()));
    if (answer.status != 200)
        throw Error(ErrorKind::unavailable, "the local cloud refuses " + path + ": " + answer.body);
    return parse_json(answer.body, path);
}

void Cloud::faults(const json::array& rules, const json::object& settings) {
    json::object all = quirks_.cloud;
    for (const auto& [name, value] : settings)
        all[name] = value;
    control("POST", "/_pyfops/faults", json::serialize(json::object{{"rules", rules}, {"settings", all}}));
}

void Cloud::mark() {
    const json::value journal = control("GET", "/_pyfops/requests");
    for (const json::value& one : journal.at("requests").as_array())
        next_ = integer_or(one, "n") + 1;
}

std::vector<std::string> Cloud::operations() {
    std::vector<std::string> names;
    const json::value journal = control("GET", "/_pyfops/requests?from=" + std::to_string(next_));
    for (const json::value& one : journal.at("requests").as_array())
        names.push_back(string_or(one, "operation"));
    return names;
}

std::set<std::string> Cloud::documents() const {
    std::set<std::string> names;
    for (const auto& entry :
         fs::recursive_directory_iterator(folder_.path() / "state" / "cloud" / "documents")) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
        const json::value document = parse_json(read_file(entry.path()), entry.path().string());
        const std::string name = string_or(document, "collection") + "/" + string_or(document, "key");
        const auto kept = [&](const std::string& beginning) { return name.starts_with(beginning); };
        if (name.starts_with("emulator/")) continue;
        if (std::none_of(quirks_.kept_documents.begin(), quirks_.kept_documents.end(), kept))
            names.insert(name);
    }
    return names;
}

} // namespace pyfops::conformance
