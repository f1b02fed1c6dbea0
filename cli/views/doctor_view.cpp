// SPDX-License-Identifier: Apache-2.0
#include "views/doctor_view.hpp"

#include "frame/table.hpp"
#include "frame/text.hpp"
#include "views/common.hpp"

#include <algorithm>

namespace pyfops::cli {

namespace {

struct Look {
    std::string name, mark, colour;
};

Look look_of(Check::State state) {
    switch (state) {
    case Check::State::good:
        return {"good", "ok  ", "32"};
    case Check::State::note:
        return {"note", "note", "33"};
    case Check::State::problem:
        return {"problem", "FAIL", "31"};
    }
    return {};
}

} // namespace

std::string doctor_text(const std::vector<Check>& checks, const StreamTraits& out) {
    std::string text;
    std::string area;
    for (const Check& check : checks) {
        if (check.area != area)
            text += (text.empty() ? "" : "\n") + coloured(check.area, "1", out.colour) + "\n";
        area = check.area;
        const Look look = look_of(check.state);
        constexpr std::size_t indent = 8;
        const auto sentences = [&](const std::string& words) {
            return wrapped(escape_control(words), text_width(out.width), indent);
        };
        text += "  " + coloured(look.mark, look.colour, out.colour) + "  " + sentences(check.text);
        if (!check.hint.empty()) text += std::string(indent, ' ') + sentences(check.hint);
    }
    return text;
}

json::object doctor_json(const std::vector<Check>& checks) {
    json::object result = document("doctor");
    result["healthy"] = !has_problem(checks);
    json::array entries;
    for (const Check& check : checks)
        entries.push_back({{"area", check.area},
                           {"state", look_of(check.state).name},
                           {"text", check.text},
                           {"hint", check.hint}});
    result["checks"] = std::move(entries);
    return result;
}

bool has_problem(const std::vector<Check>& checks) {
    return std::any_of(checks.begin(), checks.end(),
                       [](const Check& check) { return check.state == Check::State::problem; });
}

} // namespace pyfops::cli
