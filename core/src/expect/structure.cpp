// SPDX-License-Identifier: Apache-2.0
#include "expect/structure.hpp"

#include "base/json_pointer.hpp"
#include "expect/message.hpp"
#include "expect/numbers.hpp"
#include "pyfops/answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pyfops::expect {
namespace {

/// The first difference of two values, in the order of what is expected.
class Comparison {
  public:
    Comparison(bool subset, const TextRule* rule) : subset_(subset), rule_(rule) {}

    std::string difference(const json::value& expected, const json::value& got,
                           const std::string& path) const {
        if (expected.is_object() && got.is_object())
            return of_objects(expected.get_object(), got.get_object(), path);
        if (expected.is_array() && got.is_array())
            return of_arrays(expected.get_array(), got.get_array(), path);
        if (rule_ && expected.is_string()) return of_texts(expected, got, path);
        const bool same = expected.is_number() && got.is_number()
                              ? exact_number(expected) == exact_number(got)
                              : expected == got;
        return same ? "" : at(path, "expected " + shown(expected) + ", got " + shown(got));
    }

  private:
    std::string of_objects(const json::object& expected, const json::object& got,
                           const std::string& path) const {
        for (const auto& member : expected) {
            const std::string here = pointer_to(path, member.key());
            const json::value* other = got.if_contains(member.key());
            if (!other) return at(here, "expected " + shown(member.value()) + ", but it is missing");
            std::string found = difference(member.value(), *other, here);
            if (!found.empty()) return found;
        }
        if (subset_) return {};
        for (const auto& member : got)
            if (!expected.contains(member.key()))
                return at(pointer_to(path, member.key()), "not expected, got " + shown(member.value()));
        return {};
    }

    std::string of_arrays(const json::array& expected, const json::array& got,
                          const std::string& path) const {
        for (std::size_t i = 0; i < expected.size() && i < got.size(); ++i) {
            std::string found = difference(expected[i], got[i], path + "/" + std::to_string(i));
            if (!found.empty()) return found;
        }
        if (expected.size() != got.size())
            return at(path, fmt::format("expected {} items, got {}", expected.size(), got.size()));
        return {};
    }

    std::string of_texts(const json::value& expected, const json::value& got, const std::string& path) const {
        if (!got.is_string())
            return at(path, "expected text that matches " + shown(expected) + ", got " + shown(got));
        const std::string found = (*rule_)(expected.get_string(), got.get_string());
        return found.empty() ? "" : at(path, found);
    }

    bool subset_;
    const TextRule* rule_;
};

} // namespace

bool equal(const json::value& one, const json::value& other) {
    if (one.is_number() && other.is_number()) return exact_number(one) == exact_number(other);
    if (one.is_object() && other.is_object()) {
        const json::object &a = one.get_object(), &b = other.get_object();
        return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& member) {
                   const json::value* theirs = b.if_contains(member.key());
                   return theirs && equal(member.value(), *theirs);
               });
    }
    if (one.is_array() && other.is_array()) {
        const json::array &a = one.get_array(), &b = other.get_array();
        return std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
    }
    return one == other;
}

std::string compare_exact(const json::value& expected, const json::value& answer) {
    return Comparison(false, nullptr).difference(expected, answer, "");
}

std::string compare_subset(const json::value& expected, const json::value& answer) {
    return Comparison(true, nullptr).difference(expected, answer, "");
}

std::string compare_texts(const json::value& expected, const json::value& answer, const TextRule& rule) {
    return Comparison(true, &rule).difference(expected, answer, "");
}

std::string compare_approximate(const json::value& expected, const json::value& answer,
                                const Tolerance& tolerance) {
    const auto found = differences(expected, answer, tolerance, 1);
    if (found.empty()) return {};
    const AnswerDifference& first = found.front();
    if (!first.other) return at(first.path, "expected " + shown(*first.one) + ", but it is missing");
    if (!first.one) return at(first.path, "not expected, got " + shown(*first.other));
    std::string allowed;
    if (first.one->is_number() && first.other->is_number()) {
        const double scale =
            std::max(std::abs(first.one->to_number<double>()), std::abs(first.other->to_number<double>()));
        allowed = fmt::format(" give or take {:.6g}", tolerance.absolute + tolerance.relative * scale);
    }
    return at(first.path, "expected " + shown(*first.one) + allowed + ", got " + shown(*first.other));
}

} // namespace pyfops::expect
