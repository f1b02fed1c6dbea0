// SPDX-License-Identifier: Apache-2.0
// pyfops-emulator: the local cloud as a process of its own. One argument, a JSON object of options; one line
// of JSON on standard output, either {"ready": true, ...} or {"error": ..., "hint": ...}.
#include "program.hpp"

#include "pyfops/error.hpp"

#include <boost/json/serialize.hpp>

#include <csignal>
#include <cstdio>

using namespace pyfops;

namespace {

void print(const json::object& line) {
    const std::string text = json::serialize(line) + "\n";
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

} // namespace

int main(int argc, char** argv) {
    // Who reads the ready line may be gone before the first log line.
    std::signal(SIGPIPE, SIG_IGN);
    try {
        if (argc != 2)
            throw Error(ErrorKind::invalid_input,
                        "pyfops-emulator takes one argument, a JSON object of options")
                .hint("pyfops emulate starts it for you");
        run_emulator(parse_program_options(argv[1]), print);
        return 0;
    } catch (const std::exception&) {
        const Error error = to_error(std::current_exception());
        print({{"error", error.message()}, {"hint", error.hint()}});
        return 1;
    }
}
