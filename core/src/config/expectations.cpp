// SPDX-License-Identifier: Apache-2.0
// `expect` of a test: what kind it is, and whether it can be met at all.
#include "config/parts.hpp"

#include "expect/file.hpp"
#include "expect/regex.hpp"
#include "expect/schema.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"

#include <algorithm>

namespace fs = std::filesystem;

namespace pyfops::config {

const std::vector<std::string> expectation_kinds{"exact", "subset", "approx", "schema",
                                                 "regex", "file",   "error"};

std::optional<fs::path> read_file_path(const Cursor& cursor, const Context& context,
                                       const std::string& missing) {
    const auto written = cursor.words();
    if (!written) return std::nullopt;
    fs::path file = (context.directory / *written).lexically_normal();
    std::error_code ignored;
    if (fs::is_regular_file(file, ignored)) return file;
    cursor.error(missing, "there is no file " + in_quotes(*written), "the path starts at the project file");
    return std::nullopt;
}

namespace {

constexpr JsonLimits schema_limits{1u << 20, JsonLimits{}.max_depth};
constexpr std::size_t largest_file = 64u << 20;

bool is_kind(std::string_view name) {
    return std::find(expectation_kinds.begin(), expectation_kinds.end(), name) != expectation_kinds.end();
}

/// The value at a JSON pointer below a cursor, or the nearest one around it.
Cursor below(Cursor cursor, std::string_view pointer) {
    for (std::string_view escaped : split(pointer, '/')) {
        if (escaped.empty()) continue; // before the first '/'
        const auto members = cursor.value().is_object() ? cursor.members() : cursor.items();
        const std::string suffix = "/" + std::string(escaped);
        const auto found = std::find_if(members.begin(), members.end(), [&](const Cursor& member) {
            return member.path().size() == cursor.path().size() + suffix.size() &&
                   member.path().ends_with(suffix);
        });
        if (found == members.end()) break;
        cursor = *found;
    }
    return cursor;
}

/// Findings about a value in the project file stand at their place, those about a file at its name.
void report(const std::vector<expect::Problem>& problems, const std::string& code, const Cursor& cursor,
            const std::string& file) {
    for (const expect::Problem& problem : problems) {
        const bool error = problem.severity == Severity::error;
        const Cursor place = file.empty() ? below(cursor, problem.path) : cursor;
        const std::string where =
            file.empty() ? "" : file + (problem.path.empty() ? "" : " at " + problem.path) + ": ";
        error ? place.error(code, where + problem.summary, problem.hint)
              : place.warning_at_key("unchecked-schema", where + problem.summary, problem.hint);
    }
}

Expectation read_error(const Cursor& cursor) {
    Expectation expect{Expectation::Kind::error, json::object()};
    if (!cursor.value().is_object()) {
        cursor.wrong_type("a mapping with 'type', 'message' or none of them",
                          "for an answer that has a member 'error' write exact: {error: ...}");
        return expect;
    }
    cursor.only({"type", "message"});
    for (const char* key : {"type", "message"})
        if (const auto member = cursor.member(key))
            if (const auto text = member->words()) expect.value.as_object()[key] = *text;
    return expect;
}

double read_tolerance(const Cursor& cursor, double below_this, double otherwise) {
    const auto number = cursor.number("a number");
    if (!number) return otherwise;
    if (*number >= 0 && *number < below_this) return *number;
    cursor.error("out-of-range",
                 cursor.name() + (below_this == 1 ? " must be from 0 to below 1" : " must not be below 0"));
    return otherwise;
}

Expectation read_approx(const Cursor& cursor) {
    Expectation expect{Expectation::Kind::approx, nullptr};
    if (!cursor.value().is_object()) {
        cursor.wrong_type("a mapping with 'value', 'absolute' and 'relative'",
                          "write approx: {value: ..., relative: 1e-3}");
        return expect;
    }
    cursor.only({"value", "absolute", "relative"});
    if (const auto value = cursor.required("value", "say what the answer is about: value: 1.5"))
        expect.value = value->value();
    constexpr double largest = 1e300;
    if (const auto absolute = cursor.member("absolute"))
        expect.tolerance.absolute = read_tolerance(*absolute, largest, expect.tolerance.absolute);
    if (const auto relative = cursor.member("relative"))
        expect.tolerance.relative = read_tolerance(*relative, 1, expect.tolerance.relative);
    return expect;
}

Expectation read_schema(const Cursor& cursor, const Context& context) {
    Expectation expect{Expectation::Kind::schema, json::object()};
    if (cursor.value().is_object()) {
        expect.value = cursor.value();
    } else if (cursor.value().is_string()) {
        const auto file = read_file_path(cursor, context, "expectation-file-missing");
        if (!file) return expect;
        expect.file = cursor.value().get_string();
        try {
            expect.value = parse_json(read_file(*file, schema_limits.max_bytes), expect.file, schema_limits);
        } catch (const Error& failure) {
            cursor.error("bad-expectation-file", failure.message(), failure.hint());
            return expect;
        }
    } else {
        cursor.wrong_type("a JSON Schema or the path of its file");
        return expect;
    }
    report(expect::schema_problems(expect.value), "bad-schema", cursor, expect.file);
    return expect;
}

Expectation read_regex(const Cursor& cursor) {
    report(expect::regex_problems(cursor.value()), "bad-regex", cursor, "");
    return {Expectation::Kind::regex, cursor.value()};
}

bool is_sha256(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Expectation read_file_expectation(const Cursor& cursor, const Context& context) {
    Expectation expect{Expectation::Kind::file, nullptr};
    if (!cursor.value().is_object()) {
        cursor.wrong_type("a mapping with 'at' and 'path' or 'sha256'",
                          "for an answer that has a member 'file' write exact: {file: ...}");
        return expect;
    }
    cursor.only({"at", "path", "sha256"});
    if (const auto at = cursor.member("at")) {
        expect.at = at->text().value_or("");
        if (!expect::is_pointer(expect.at))
            at->error("bad-value", in_quotes(expect.at) + " is no JSON pointer",
                      "begin it with '/', as /image or /files/0");
    }
    const auto path = cursor.member("path");
    const auto hash = cursor.member("sha256");
    if (path && hash) {
        hash->error_at_key("expectation-choice", "an expected file has path or sha256, not both",
                           "remove one");
    } else if (path) {
        const auto file = read_file_path(*path, context, "expectation-file-missing");
        if (!file) return expect;
        expect.file = path->value().get_string();
        try {
            expect.sha256 = sha256_hex(read_file(*file, largest_file));
        } catch (const Error& failure) {
            path->error("bad-expectation-file", failure.message(), failure.hint());
        }
    } else if (hash) {
        expect.sha256 = lower_case(hash->words().value_or(std::string(64, '0')));
        if (!is_sha256(expect.sha256))
            hash->error("bad-value", in_quotes(expect.sha256) + " is no SHA-256", "write its 64 hex digits");
    } else {
        cursor.error_at_key("missing-key", "an expected file needs 'path' or 'sha256'",
                            "name a file beside the project file: path: expected.png");
    }
    return expect;
}

} // namespace

Expectation read_expectation(const Cursor& cursor, const Context& context) {
    const Expectation bare{Expectation::Kind::exact, cursor.value()};
    const auto* object = cursor.value().if_object();
    if (!object || object->empty()) return bare;
    if (object->size() > 1) {
        const bool all_kinds = std::all_of(object->begin(), object->end(),
                                           [](const auto& entry) { return is_kind(entry.key()); });
        if (all_kinds)
            cursor.error("unknown-expectation", "only one kind of expectation can be given",
                         "keep one of them, or write exact: {...} if the answer has these members");
        return bare;
    }
    const std::string key(object->begin()->key());
    const Cursor member = *cursor.member(key);
    if (key == "exact") return {Expectation::Kind::exact, member.value()};
    if (key == "subset") return {Expectation::Kind::subset, member.value()};
    if (key == "approx") return read_approx(member);
    if (key == "schema") return read_schema(member, context);
    if (key == "regex") return read_regex(member);
    if (key == "file") return read_file_expectation(member, context);
    if (key == "error") return read_error(member);
    if (const std::string near = nearest(key, expectation_kinds); !near.empty())
        member.warning_at_key("unclear-expectation",
                              "this expects an answer with the member " + in_quotes(key),
                              "did you mean '" + near + "'? if not, write exact: {" + key + ": ...}");
    return bare;
}

} // namespace pyfops::config
