// SPDX-License-Identifier: Apache-2.0
#include "pyfops/secret.hpp"

#include "pyfops/utf8.hpp"

#include <openssl/crypto.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace pyfops {
namespace {

constexpr std::size_t shortest_redacted = 4; // shorter values would blank out ordinary words

/// Every living secret value with the number of its holders.
struct Registry {
    std::mutex mutex;
    std::map<std::string, int, std::less<>> values;
};

Registry& registry() {
    static auto* instance = new Registry; // outlives every static Secret
    return *instance;
}

void remember(const std::string& value) {
    if (value.size() < shortest_redacted) return;
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    ++all.values[value];
}

} // namespace

Secret::Secret(std::string value) : value_(std::move(value)) {
    remember(value_);
}

Secret::Secret(const Secret& other) : value_(other.value_) {
    remember(value_);
}

Secret::Secret(Secret&& other) noexcept : value_(std::move(other.value_)) {
    // A short string is copied by the move: cleanse what stayed behind.
    OPENSSL_cleanse(other.value_.data(), other.value_.size());
    other.value_.clear();
}

Secret& Secret::operator=(const Secret& other) {
    if (this == &other) return *this;
    Secret copy(other);
    return *this = std::move(copy);
}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    forget();
    value_ = std::move(other.value_);
    OPENSSL_cleanse(other.value_.data(), other.value_.size());
    other.value_.clear();
    return *this;
}

Secret::~Secret() {
    forget();
}

void Secret::forget() noexcept {
    if (value_.size() >= shortest_redacted) {
        Registry& all = registry();
        const std::lock_guard lock(all.mutex);
        if (auto found = all.values.find(value_); found != all.values.end() && --found->second == 0) {
            auto node = all.values.extract(found);
            OPENSSL_cleanse(node.key().data(), node.key().size());
        }
    }
    OPENSSL_cleanse(value_.data(), value_.size());
    value_.clear();
}

std::string redact(std::string_view text) {
    std::string result(text);
    Registry& all = registry();
    const std::lock_guard lock(all.mutex);
    // Longest first: one secret may contain another.
    std::vector<const std::string*> values;
    for (const auto& [value, holders] : all.values)
        values.push_back(&value);
    std::sort(values.begin(), values.end(),
              [](const auto* a, const auto* b) { return a->size() > b->size(); });
    for (const std::string* value : values)
        for (auto at = result.find(*value); at != std::string::npos; at = result.find(*value, at + 3))
            result.replace(at, value->size(), "***");
    return result;
}

std::string excerpt(std::string_view text, std::size_t most) {
    std::string known = redact(text);
    if (known.size() <= most) return known;
    return std::string(cut_utf8(known, most)) + "...";
}

std::string excerpt_of_end(std::string_view text, std::size_t most) {
    const std::string known = redact(text);
    if (known.size() <= most) return known;
    // What does not fit ends where a character does: the rest begins with one.
    std::string_view end = known;
    end.remove_prefix(known.size() - most);
    while (!end.empty() && (static_cast<unsigned char>(end.front()) & 0xc0) == 0x80)
        end.remove_prefix(1);
    return "..." + std::string(end);
}

} // namespace pyfops
