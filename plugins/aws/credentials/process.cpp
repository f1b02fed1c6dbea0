// SPDX-License-Identifier: Apache-2.0
// credential_process: a program of the user's that prints keys.
#include "credentials/chain.hpp"

#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"

namespace pyfops::aws {

std::vector<std::string> split_command(const std::string& line) {
    std::vector<std::string> words;
    std::string word;
    bool open = false; // a word has begun, perhaps an empty one
    char quote = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        if (quote != 0) {
            if (c == quote) {
                quote = 0;
            } else if (c == '\\' && quote == '"' && i + 1 < line.size() &&
                       (line[i + 1] == '"' || line[i + 1] == '\\')) {
                word += line[++i];
            } else {
                word += c;
            }
        } else if (c == '"' || c == '\'') {
            quote = c;
            open = true;
        } else if (c == '\\' && i + 1 < line.size()) {
            word += line[++i];
            open = true;
        } else if (c == ' ' || c == '\t') {
            if (open) words.push_back(std::exchange(word, {}));
            open = false;
        } else {
            word += c;
            open = true;
        }
    }
    if (quote != 0) throw Error(ErrorKind::invalid_input, "a quote is not closed in: " + line);
    if (open) words.push_back(std::move(word));
    return words;
}

Task<std::optional<Credentials>> from_process(Search& search) {
    const Section* section = search.files.config(search.profile);
    const std::string command = member(search.files.merged(search.profile), "credential_process");
    if (!section || command.empty()) {
        search.tried.push_back("profile '" + search.profile + "' has no credential_process");
        co_return std::nullopt;
    }
    ProcessRequest request;
    request.command = split_command(command);
    request.environment = search.system().variables();
    if (request.command.empty())
        throw Error(ErrorKind::unauthenticated,
                    "credential_process of profile '" + search.profile + "' is empty");
    const std::string what = "credential_process of profile '" + search.profile + "'";
    const Deadline deadline =
        search.context.deadline.within(search.context.host.clock, std::chrono::minutes(1));
    const std::string program = request.command[0];
    Task<ProcessResult> running = search.context.host.processes.run(std::move(request), deadline);
    const ProcessResult result = co_await std::move(running);
    if (!result.ok())
        throw Error(ErrorKind::unauthenticated, what + " failed with status " +
                                                    std::to_string(result.exit_code) + ": " +
                                                    excerpt(result.error_output, 400))
            .hint("run '" + program + "' by hand to see why");
    Credentials credentials = read_key_document(result.output, "the output of " + what);
    credentials.source = "profile " + search.profile + " (credential_process)";
    co_return credentials;
}

} // namespace pyfops::aws
