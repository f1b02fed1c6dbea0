// SPDX-License-Identifier: Apache-2.0
#include "afcl/spelling.hpp"

#include "pyfops/text.hpp"

#include <array>

namespace pyfops::afcl {
namespace {

struct Spelling {
    std::string_view database, engine, workflow;
};
// The last has two names: its row is called after the company, the engine's enumeration after the cloud.
constexpr std::array<Spelling, 5> spellings{{{"AWS", "AWS", "AWS"},
                                             {"IBM", "IBM", "IBM"},
                                             {"Google", "GOOGLE", "Google"},
                                             {"Alibaba", "ALIBABA", "Alibaba"},
                                             {"Microsoft", "AZURE", "Azure"}}};

const Spelling* find_spelling(std::string_view provider) {
    const std::string name = lower_case(provider);
    for (const Spelling& spelling : spellings)
        if (name == lower_case(spelling.database) || name == lower_case(spelling.engine)) return &spelling;
    return nullptr;
}

} // namespace

std::string database_name(std::string_view provider) {
    const Spelling* found = find_spelling(provider);
    return std::string(found ? found->database : provider);
}

std::string engine_name(std::string_view provider) {
    const Spelling* found = find_spelling(provider);
    return std::string(found ? found->engine : provider);
}

std::string workflow_name(std::string_view provider) {
    const Spelling* found = find_spelling(provider);
    return std::string(found ? found->workflow : provider);
}

std::string provider_id(std::string_view provider) {
    return lower_case(engine_name(provider));
}

bool known_provider(std::string_view provider) {
    return find_spelling(provider) != nullptr;
}

} // namespace pyfops::afcl
