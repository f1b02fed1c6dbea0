// SPDX-License-Identifier: Apache-2.0
#include "log_filter.hpp"

#include "protocol.hpp"
#include "world.hpp"

#include "pyfops/text.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <vector>

namespace pyfops::google_emulator {
namespace {

using Test = std::function<bool(const json::object&)>;

struct Lexeme {
    enum class Kind { word, quoted, sign, end } kind = Kind::end;
    std::string text;
};

std::vector<Lexeme> lexemes(const std::string& text) {
    std::vector<Lexeme> all;
    std::size_t at = 0;
    while (at < text.size()) {
        const char c = text[at];
        if (std::isspace(static_cast<unsigned char>(c))) {
            ++at;
        } else if (c == '"' || c == '\'') {
            Lexeme quoted{Lexeme::Kind::quoted, {}};
            for (++at; at < text.size() && text[at] != c; ++at) {
                if (text[at] == '\\' && at + 1 < text.size()) ++at;
                quoted.text += text[at];
            }
            if (at == text.size()) invalid_argument("Unparseable filter: unterminated string literal");
            ++at;
            all.push_back(std::move(quoted));
        } else if (std::string_view("()=<>!:").find(c) != std::string_view::npos) {
            const std::string two = text.substr(at, 2);
            const bool both = two == "<=" || two == ">=" || two == "!=" || two == "=~" || two == "!~";
            all.push_back({Lexeme::Kind::sign, both ? two : std::string(1, c)});
            at += both ? 2 : 1;
        } else {
            const auto end = std::min(text.find_first_of(" \t\r\n()=<>!:\"", at), text.size());
            all.push_back({Lexeme::Kind::word, text.substr(at, end - at)});
            at = end;
        }
    }
    all.push_back({});
    return all;
}

std::optional<std::string> value_at(const json::object& entry, const std::string& path) {
    const json::value* found = nullptr;
    const json::object* holder = &entry;
    for (const std::string_view part : split(path, '.')) {
        if (!holder) return std::nullopt;
        found = holder->if_contains(part);
        if (!found) return std::nullopt;
        holder = found->if_object();
    }
    if (const auto* text = found->if_string()) return std::string(*text);
    return json::serialize(*found);
}

int severity_rank(const std::string& name) {
    static constexpr std::array<std::string_view, 9> names{
        "DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"};
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) invalid_argument("Unparseable filter: unknown severity " + name);
    return static_cast<int>(found - names.begin());
}

/// -1, 0 or 1, by the meaning of the field.
int compare(const std::string& path, const std::string& present, const std::string& wanted) {
    const auto order = [](const auto& a, const auto& b) { return a < b ? -1 : a == b ? 0 : 1; };
    if (path == "timestamp" || path == "receiveTimestamp") {
        const auto a = microseconds(present), b = microseconds(wanted);
        if (!b) invalid_argument("Unparseable filter: '" + wanted + "' is no time");
        return order(a.value_or(0), *b);
    }
    if (path == "severity") return order(severity_rank(present), severity_rank(wanted));
    return order(present, wanted);
}

bool holds(const std::string& path, const std::string& sign, const std::string& present,
           const std::string& wanted) {
    if (sign == ":") return lower_case(present).find(lower_case(wanted)) != std::string::npos;
    const int order = compare(path, present, wanted);
    if (sign == "=") return order == 0;
    if (sign == "!=") return order != 0;
    if (sign == "<") return order < 0;
    if (sign == "<=") return order <= 0;
    if (sign == ">") return order > 0;
    return order >= 0;
}

class Parser {
  public:
    explicit Parser(const std::string& text) : all_(lexemes(text)) {}

    Test parse() {
        Test test = conjunction();
        if (now().kind != Lexeme::Kind::end)
            invalid_argument("Unparseable filter: near '" + now().text + "'");
        return test;
    }

  private:
    const Lexeme& now() const { return all_[at_]; }
    bool is_word(std::string_view word) const {
        return now().kind == Lexeme::Kind::word && now().text == word;
    }
    bool is_sign(std::string_view sign) const {
        return now().kind == Lexeme::Kind::sign && now().text == sign;
    }
    Lexeme take() { return all_[at_++]; }

    Test conjunction() {
        Test left = disjunction();
        while (now().kind != Lexeme::Kind::end && !is_sign(")")) {
            if (is_word("AND")) take();
            Test right = disjunction();
            left = [left, right](const json::object& entry) { return left(entry) && right(entry); };
        }
        return left;
    }

    Test disjunction() {
        Test left = negation();
        while (is_word("OR")) {
            take();
            Test right = negation();
            left = [left, right](const json::object& entry) { return left(entry) || right(entry); };
        }
        return left;
    }

    Test negation() {
        if (!is_word("NOT")) return primary();
        take();
        Test inner = negation();
        return [inner](const json::object& entry) { return !inner(entry); };
    }

    Test primary() {
        if (is_sign("(")) {
            take();
            Test inner = conjunction();
            if (!is_sign(")")) invalid_argument("Unparseable filter: ')' is missing");
            take();
            return inner;
        }
        if (now().kind != Lexeme::Kind::word && now().kind != Lexeme::Kind::quoted)
            invalid_argument("Unparseable filter: near '" + now().text + "'");
        const std::string first = take().text;
        static constexpr std::array<std::string_view, 7> signs{"=", "!=", "<", "<=", ">", ">=", ":"};
        if (now().kind == Lexeme::Kind::sign &&
            std::find(signs.begin(), signs.end(), now().text) != signs.end()) {
            const std::string sign = take().text;
            return values(first, sign);
        }
        const std::string wanted = lower_case(first); // anywhere
        return [wanted](const json::object& entry) {
            return lower_case(json::serialize(entry)).find(wanted) != std::string::npos;
        };
    }

    Test one(const std::string& path, const std::string& sign) {
        if (now().kind != Lexeme::Kind::word && now().kind != Lexeme::Kind::quoted)
            invalid_argument("Unparseable filter: a value is missing behind " + path);
        const std::string wanted = take().text;
        return [path, sign, wanted](const json::object& entry) {
            const auto present = value_at(entry, path);
            return present ? holds(path, sign, *present, wanted) : sign == "!=";
        };
    }

    Test values(const std::string& path, const std::string& sign) {
        if (!is_sign("(")) return one(path, sign);
        take();
        Test any = one(path, sign);
        while (is_word("OR")) {
            take();
            Test next = one(path, sign);
            any = [any, next](const json::object& entry) { return any(entry) || next(entry); };
        }
        if (!is_sign(")")) invalid_argument("Unparseable filter: ')' is missing");
        take();
        return any;
    }

    std::vector<Lexeme> all_;
    std::size_t at_ = 0;
};

} // namespace

LogFilter::LogFilter(const std::string& text) {
    if (!trimmed(text).empty()) test_ = Parser(text).parse();
}

} // namespace pyfops::google_emulator
