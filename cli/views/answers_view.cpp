// SPDX-License-Identifier: Apache-2.0
#include "views/answers_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "pyfops/secret.hpp"
#include "views/common.hpp"

#include <fmt/format.h>

namespace pyfops::cli {

namespace {

constexpr std::size_t named_places = 4;
constexpr std::size_t told_differences = 10;
constexpr std::size_t width = 100;

/// Answers are untrusted, and long.
std::string shown(const json::value& value) {
    return escape_control(excerpt(canonical_json(value), width));
}

std::string shown(const std::optional<json::value>& value) {
    return value ? shown(*value) : "nothing";
}

std::string places(const std::vector<FdIdentity>& deployments) {
    std::string text;
    for (std::size_t i = 0; i < deployments.size() && i < named_places; ++i)
        text += (i ? ", " : "") + place_of(deployments[i]);
    if (deployments.size() > named_places)
        text += fmt::format(" and {} more", deployments.size() - named_places);
    return text;
}

} // namespace

std::string render(const std::vector<Disagreement>& disagreements, bool colour) {
    std::string text;
    for (const Disagreement& input : disagreements) {
        text += "\n" + coloured(input.function, "1", colour) + "\n";
        text += fmt::format("{} test '{}' is not answered alike everywhere\n",
                            coloured("differs:", "33", colour), escape_control(input.test));
        for (const AnswerGroup& group : input.groups)
            text += fmt::format("  {}: {}\n", places(group.deployments), shown(group.answer));
        std::size_t told = 0;
        for (const AnswerDifference& difference : input.against_first) {
            if (difference.path.empty() || ++told > told_differences) break;
            text += fmt::format("  at {}: {} against {}\n", escape_control(difference.path),
                                shown(difference.one), shown(difference.other));
        }
    }
    return text;
}

json::array to_json(const std::vector<Disagreement>& disagreements) {
    json::array all;
    const auto value = [](const std::optional<json::value>& side) { return side ? *side : json::value(); };
    for (const Disagreement& input : disagreements) {
        json::array groups;
        for (const AnswerGroup& group : input.groups) {
            json::array deployments;
            for (const FdIdentity& identity : group.deployments)
                deployments.push_back(to_json(identity));
            groups.push_back(json::object{{"answer", group.answer}, {"deployments", std::move(deployments)}});
        }
        json::array differences;
        for (const AnswerDifference& difference : input.against_first)
            differences.push_back(json::object{{"path", difference.path},
                                               {"one", value(difference.one)},
                                               {"one_missing", !difference.one.has_value()},
                                               {"other", value(difference.other)},
                                               {"other_missing", !difference.other.has_value()}});
        all.push_back(json::object{{"function", input.function},
                                   {"test", input.test},
                                   {"groups", std::move(groups)},
                                   {"differences", std::move(differences)}});
    }
    return all;
}

} // namespace pyfops::cli
