// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/tolerance.hpp"
#include "pyfops/tuning.hpp"

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace pyfops {

/// Where a secret environment value comes from; resolved at deployment only.
struct SecretSource {
    enum class Kind { environment, file, command };
    Kind kind = Kind::environment;
    std::string reference; ///< variable name, path or command line
};

/// A value of a function's environment: plain text, or the source of a secret.
using EnvironmentValue = std::variant<std::string, SecretSource>;

/// `memory:` of a function.
struct MemorySetting {
    bool automatic = true;      ///< "auto": search the minimum
    std::vector<int> megabytes; ///< one deployment each, when not automatic
};

/// What a predefined input must give.
struct Expectation {
    enum class Kind {
        any,    ///< any answer that is not an error
        exact,  ///< equal JSON (key order and 1 against 1.0 do not count)
        subset, ///< every member named here is there and equal
        approx, ///< as exact, but numbers may be apart as far as `tolerance` says
        schema, ///< `value` is a JSON Schema (draft 7) that the answer satisfies
        regex,  ///< as subset, but texts are regular expressions that match the whole text there
        file,   ///< the text at the JSON pointer `at` is base64 of a file with this `sha256`
        error   ///< the function must fail; `value` is {"type": ..., "message": ...}, either may be absent
    };
    Kind kind = Kind::any;
    json::value value;
    Tolerance tolerance;
    std::string at;     ///< "" for the whole answer
    std::string sha256; ///< 64 hex digits in lower case
    std::string file;   ///< the schema or the expected file, as the project names it; "" when it has none
};

/// One predefined input.
struct TestCase {
    std::string name;
    json::value input;
    Expectation expect;
    int repeat = 1;
    std::optional<Milliseconds> max_duration; ///< above 0; a longer call fails the test
    double weight = 1;                        ///< above 0: its share in averages
    int warm_up = 0;                          ///< calls before, whose answers do not count; 0..100
};

/// One function of the project, all defaults filled in.
struct FunctionSpec {
    std::string name;                   ///< [a-z][a-z0-9-]*, at most 40 characters
    std::string type;                   ///< AFCL function type; default "<name>Type"
    std::filesystem::path source;       ///< absolute directory of the code base
    std::string source_name;            ///< as written, relative to the project file
    std::string module;                 ///< "thumbnail" or "package.module"
    std::string callable;               ///< "handler"
    std::filesystem::path requirements; ///< absolute; empty: no dependencies
    std::string python = "3.11";        ///< wanted; each provider takes its nearest and says so
    std::string description;
    int timeout_seconds = 30;
    MemorySetting memory;
    TuneSettings tune;
    std::map<std::string, EnvironmentValue> environment;
    std::vector<TestCase> tests;
    std::string path; ///< JSON pointer into the project file: "/functions/0"
};

} // namespace pyfops
