// SPDX-License-Identifier: Apache-2.0
// The answers of one function compared across its deployments.
#include "pyfops/answers.hpp"

#include "base/json_pointer.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace pyfops {

namespace {

class Comparison {
  public:
    Comparison(const Tolerance& tolerance, std::size_t most) : tolerance_(tolerance), most_(most) {}

    void compare(const json::value& one, const json::value& other, const std::string& path) {
        if (found_.size() >= most_) return;
        if (one.is_object() && other.is_object()) {
            compare_objects(one.get_object(), other.get_object(), path);
        } else if (one.is_array() && other.is_array()) {
            compare_arrays(one.get_array(), other.get_array(), path);
        } else if (!equal(one, other)) {
            add({path, one, other});
        }
    }

    std::vector<AnswerDifference> found() && { return std::move(found_); }

  private:
    bool equal(const json::value& one, const json::value& other) const {
        if (!one.is_number() || !other.is_number()) return one == other;
        if (!one.is_double() && !other.is_double()) return one == other; // exact beyond 2^53 too
        const double a = one.to_number<double>(), b = other.to_number<double>();
        const double scale = std::max(std::abs(a), std::abs(b));
        return a == b || std::abs(a - b) <= tolerance_.absolute + tolerance_.relative * scale;
    }

    void add(AnswerDifference difference) {
        if (found_.size() < most_) found_.push_back(std::move(difference));
    }

    void compare_objects(const json::object& one, const json::object& other, const std::string& path) {
        for (const auto& [key, value] : one) {
            const std::string here = pointer_to(path, key);
            if (const json::value* theirs = other.if_contains(key))
                compare(value, *theirs, here);
            else
                add({here, value, std::nullopt});
        }
        for (const auto& [key, value] : other)
            if (!one.contains(key)) add({pointer_to(path, key), std::nullopt, value});
    }

    void compare_arrays(const json::array& one, const json::array& other, const std::string& path) {
        const std::size_t common = std::min(one.size(), other.size());
        for (std::size_t i = 0; i < common; ++i)
            compare(one[i], other[i], path + "/" + std::to_string(i));
        for (std::size_t i = common; i < one.size(); ++i)
            add({path + "/" + std::to_string(i), one[i], std::nullopt});
        for (std::size_t i = common; i < other.size(); ++i)
            add({path + "/" + std::to_string(i), std::nullopt, other[i]});
    }

    const Tolerance& tolerance_;
    std::size_t most_;
    std::vector<AnswerDifference> found_;
};

/// What two providers must agree on: an answer, or the user's own exception. How a platform words an end of
/// its own is the platform's.
json::value comparable(const Invocation& invocation) {
    if (invocation.output) return *invocation.output;
    if (!invocation.error) return nullptr;
    const FunctionError& error = *invocation.error;
    json::object told{{"cause", to_string(error.cause)}};
    if (error.cause == FunctionError::Cause::raised) {
        told["type"] = error.type;
        told["message"] = error.message;
    }
    return json::object{{"error", std::move(told)}};
}

} // namespace

std::vector<AnswerDifference> differences(const json::value& one, const json::value& other,
                                          const Tolerance& tolerance, std::size_t most) {
    Comparison comparison(tolerance, most);
    comparison.compare(one, other, "");
    return std::move(comparison).found();
}

std::vector<Disagreement> disagreements(const RunReport& report, const Tolerance& tolerance) {
    std::vector<Disagreement> inputs; // every one at first
    std::map<std::pair<std::string, std::string>, std::size_t> known;
    for (const UnitReport& unit : report.units) {
        std::map<std::string, const TestOutcome*> last;
        for (const TestOutcome& test : unit.tests)
            last[test.name] = &test;
        for (const TestOutcome& test : unit.tests) {
            if (last.at(test.name) != &test) continue;
            const auto [place, fresh] = known.try_emplace({unit.identity.function, test.name}, inputs.size());
            if (fresh) inputs.push_back({unit.identity.function, test.name, {}, {}});
            const json::value answer = comparable(test.invocation);
            std::vector<AnswerGroup>& groups = inputs[place->second].groups;
            const auto group = std::find_if(groups.begin(), groups.end(), [&](const AnswerGroup& candidate) {
                return differences(candidate.answer, answer, tolerance, 1).empty();
            });
            if (group == groups.end())
                groups.push_back({answer, {unit.identity}});
            else
                group->deployments.push_back(unit.identity);
        }
    }
    std::erase_if(inputs, [](const Disagreement& input) { return input.groups.size() < 2; });
    for (Disagreement& input : inputs) {
        std::stable_sort(input.groups.begin(), input.groups.end(), [](const auto& a, const auto& b) {
            return a.deployments.size() > b.deployments.size();
        });
        input.against_first = differences(input.groups[0].answer, input.groups[1].answer, tolerance);
    }
    return inputs;
}

} // namespace pyfops
