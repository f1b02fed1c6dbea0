// SPDX-License-Identifier: Apache-2.0
// JSON Schema draft 7 of an answer. Both sides are untrusted, so steps and depth are counted and regular
// expressions are the ones of Pattern.
#include "expect/schema.hpp"

#include "base/json_pointer.hpp"
#include "expect/message.hpp"
#include "expect/numbers.hpp"
#include "expect/pattern.hpp"
#include "expect/structure.hpp"
#include "pyfops/error.hpp"
#include "pyfops/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>

namespace pyfops::expect {
namespace {

constexpr std::size_t most_steps = 1'000'000;
constexpr int most_depth = 500;

std::size_t characters(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t place = 0; place < text.size(); ++count)
        place += first_code_point(text.substr(place)).bytes;
    return count;
}

bool has_type(const json::value& value, std::string_view type) {
    if (type == "integer") return is_whole(value);
    if (type == "number") return value.is_number();
    if (type == "string") return value.is_string();
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "boolean") return value.is_bool();
    return type == "null" && value.is_null();
}

bool is_multiple(const json::value& value, const json::value& of) {
    if (value.is_int64() && of.is_int64() && of.get_int64() != 0)
        return of.get_int64() == -1 || value.get_int64() % of.get_int64() == 0;
    const double quotient = value.to_number<double>() / of.to_number<double>();
    // 0.3 is a multiple of 0.1, though not of the doubles next to them.
    return std::isfinite(quotient) && std::abs(quotient - std::round(quotient)) <=
                                          4 * std::numeric_limits<double>::epsilon() * std::abs(quotient);
}

/// Equal values give equal text.
json::value with_whole_numbers(const json::value& value) {
    if (const auto* object = value.if_object()) {
        json::object result;
        for (const auto& member : *object)
            result.emplace(member.key(), with_whole_numbers(member.value()));
        return result;
    }
    if (const auto* array = value.if_array()) {
        json::array result;
        for (const json::value& item : *array)
            result.push_back(with_whole_numbers(item));
        return result;
    }
    if (value.is_double() && is_whole(value) && std::abs(value.get_double()) < 0x1p63)
        return static_cast<std::int64_t>(value.get_double());
    return value;
}

/// One answer against one schema. Each check is "" or the first thing that is not satisfied.
class Validation {
  public:
    explicit Validation(const json::value& root) : root_(root) {}

    std::string check(const json::value& schema, const json::value& value, const std::string& path) {
        spend(1);
        if (const auto* allowed = schema.if_bool())
            return *allowed ? "" : at(path, "not expected, got " + shown(value));
        const auto* object = schema.if_object();
        if (!object) return at(path, "the schema for it is none");
        if (++depth_ > most_depth)
            throw Error(ErrorKind::limit_exceeded,
                        fmt::format("the schema applies more than {} schemas within each other", most_depth));
        std::string found = check_object(*object, value, path);
        --depth_;
        return found;
    }

  private:
    void spend(std::size_t steps) {
        steps_ += steps;
        if (steps_ > most_steps)
            throw Error(ErrorKind::limit_exceeded,
                        fmt::format("the schema takes more than {} steps on this answer", most_steps));
    }

    std::string check_object(const json::object& schema, const json::value& value, const std::string& path) {
        if (const json::value* reference = schema.if_contains("$ref")) {
            const json::value* target =
                reference->is_string() ? referred(root_, reference->get_string()) : nullptr;
            if (!target) return at(path, "the schema refers to nothing: " + shown(*reference));
            return check(*target, value, path);
        }
        spend(schema.size());
        std::string found = check_value(schema, value, path);
        if (found.empty() && value.is_number()) found = check_number(schema, value, path);
        if (found.empty() && value.is_string()) found = check_text(schema, value.get_string(), path);
        if (found.empty() && value.is_array()) found = check_array(schema, value.get_array(), path);
        if (found.empty() && value.is_object()) found = check_members(schema, value, path);
        if (found.empty()) found = check_combined(schema, value, path);
        return found;
    }

    std::string check_value(const json::object& schema, const json::value& value, const std::string& path) {
        if (const json::value* type = schema.if_contains("type")) {
            const auto* several = type->if_array();
            const auto fits = [&](const json::value& name) {
                return name.is_string() && has_type(value, name.get_string());
            };
            if (several ? std::none_of(several->begin(), several->end(), fits) : !fits(*type))
                return at(path, "expected the type " + shown(*type) + ", got " + shown(value));
        }
        if (const json::value* constant = schema.if_contains("const"); constant && !equal(*constant, value))
            return at(path, "expected " + shown(*constant) + ", got " + shown(value));
        if (const json::array* values = list(schema, "enum")) {
            spend(values->size());
            if (std::none_of(values->begin(), values->end(),
                             [&](const json::value& one) { return equal(one, value); }))
                return at(path, "expected one of " + shown(json::value(*values)) + ", got " + shown(value));
        }
        return {};
    }

    std::string check_number(const json::object& schema, const json::value& value, const std::string& path) {
        const long double number = exact_number(value);
        const auto limit = [&](std::string_view key, std::string_view words, auto holds) -> std::string {
            const json::value* bound = schema.if_contains(key);
            if (!bound || !bound->is_number() || holds(number, exact_number(*bound))) return {};
            return at(path,
                      fmt::format("expected a number {} {}, got {}", words, shown(*bound), shown(value)));
        };
        std::string found = limit("minimum", "of at least", std::greater_equal<>());
        if (found.empty()) found = limit("maximum", "of at most", std::less_equal<>());
        if (found.empty()) found = limit("exclusiveMinimum", "above", std::greater<>());
        if (found.empty()) found = limit("exclusiveMaximum", "below", std::less<>());
        const json::value* factor = schema.if_contains("multipleOf");
        if (found.empty() && factor && factor->is_number() && !is_multiple(value, *factor))
            found = at(path, "expected a multiple of " + shown(*factor) + ", got " + shown(value));
        return found;
    }

    std::string check_text(const json::object& schema, const json::string& text, const std::string& path) {
        if (std::string found = check_count(schema, "Length", characters(text), "characters", path);
            !found.empty())
            return found;
        const json::value* pattern = schema.if_contains("pattern");
        if (!pattern || !pattern->is_string() || compiled(pattern->get_string()).found_in(text)) return {};
        return at(path, "expected text with a match of " + shown(*pattern) + ", got " + shown(text));
    }

    std::string check_array(const json::object& schema, const json::array& array, const std::string& path) {
        std::string found = check_count(schema, "Items", array.size(), "items", path);
        if (!found.empty()) return found;
        const json::value* items = schema.if_contains("items");
        const auto* by_place = items ? items->if_array() : nullptr;
        const json::value* others = by_place ? schema.if_contains("additionalItems") : items;
        for (std::size_t i = 0; i < array.size(); ++i) {
            const json::value* own = by_place && i < by_place->size() ? &(*by_place)[i] : others;
            if (own) found = check(*own, array[i], path + "/" + std::to_string(i));
            if (!found.empty()) return found;
        }
        if (const json::value* wanted = schema.if_contains("contains");
            wanted && std::none_of(array.begin(), array.end(), [&](const json::value& item) {
                return check(*wanted, item, path).empty();
            }))
            return at(path, "expected an item that satisfies " + shown(*wanted) + ", there is none");
        if (const json::value* unique = schema.if_contains("uniqueItems"); unique && *unique == true) {
            std::map<std::string, std::size_t> seen;
            for (std::size_t i = 0; i < array.size(); ++i) {
                spend(1);
                const auto [first, fresh] = seen.try_emplace(canonical_json(with_whole_numbers(array[i])), i);
                if (!fresh)
                    return at(path, fmt::format("expected different items, but {} and {} are equal: {}",
                                                first->second, i, shown(array[i])));
            }
        }
        return {};
    }

    std::string check_members(const json::object& schema, const json::value& value, const std::string& path) {
        const json::object& object = value.get_object();
        std::string found = check_count(schema, "Properties", object.size(), "members", path);
        if (!found.empty()) return found;
        if (const json::array* required = list(schema, "required")) {
            spend(required->size());
            for (const json::value& name : *required)
                if (name.is_string() && !object.contains(name.get_string()))
                    return at(pointer_to(path, name.get_string()), "required, but it is missing");
        }
        const json::object* own = mapping(schema, "properties");
        const json::object* patterns = mapping(schema, "patternProperties");
        const json::value* others = schema.if_contains("additionalProperties");
        const json::value* names = schema.if_contains("propertyNames");
        for (const auto& member : object) {
            const std::string here = pointer_to(path, member.key());
            bool known = false;
            if (const json::value* named = own ? own->if_contains(member.key()) : nullptr) {
                known = true;
                found = check(*named, member.value(), here);
                if (!found.empty()) return found;
            }
            for (std::size_t i = 0; patterns && i < patterns->size(); ++i) {
                const auto& pattern = *(patterns->begin() + static_cast<std::ptrdiff_t>(i));
                spend(1);
                if (!compiled(pattern.key()).found_in(member.key())) continue;
                known = true;
                found = check(pattern.value(), member.value(), here);
                if (!found.empty()) return found;
            }
            if (!known && others) found = check(*others, member.value(), here);
            if (found.empty() && names) {
                found = check(*names, json::string(member.key()), "");
                if (!found.empty()) found = at(here, "the name does not fit: " + found);
            }
            if (!found.empty()) return found;
        }
        return check_dependencies(schema, value, path);
    }

    std::string check_dependencies(const json::object& schema, const json::value& value,
                                   const std::string& path) {
        const json::object& object = value.get_object();
        const json::object* dependencies = mapping(schema, "dependencies");
        if (!dependencies) return {};
        for (const auto& dependency : *dependencies) {
            spend(1);
            if (!object.contains(dependency.key())) continue;
            const auto* names = dependency.value().if_array();
            if (!names) {
                std::string found = check(dependency.value(), value, path);
                if (!found.empty()) return found;
                continue;
            }
            spend(names->size());
            for (const json::value& name : *names)
                if (name.is_string() && !object.contains(name.get_string()))
                    return at(pointer_to(path, name.get_string()),
                              "required beside '" + one_line(std::string(dependency.key())) +
                                  "', but it is missing");
        }
        return {};
    }

    std::string check_combined(const json::object& schema, const json::value& value,
                               const std::string& path) {
        if (const json::array* all = list(schema, "allOf"))
            for (const json::value& one : *all)
                if (std::string found = check(one, value, path); !found.empty()) return found;
        if (const json::array* any = list(schema, "anyOf"); any && !any->empty()) {
            std::string first;
            if (count_fitting(*any, value, path, 1, first) == 0)
                return at(path, fmt::format("satisfies none of the {} schemas of 'anyOf'; the first: {}",
                                            any->size(), first));
        }
        if (const json::array* one_of = list(schema, "oneOf"); one_of && !one_of->empty()) {
            std::string first;
            const std::size_t fitting = count_fitting(*one_of, value, path, 2, first);
            if (fitting == 0)
                return at(path, fmt::format("satisfies none of the {} schemas of 'oneOf'; the first: {}",
                                            one_of->size(), first));
            if (fitting > 1)
                return at(path, "satisfies more than one schema of 'oneOf', got " + shown(value));
        }
        if (const json::value* forbidden = schema.if_contains("not");
            forbidden && check(*forbidden, value, path).empty())
            return at(path, "must not satisfy " + shown(*forbidden) + ", got " + shown(value));
        if (const json::value* condition = schema.if_contains("if")) {
            const bool holds = check(*condition, value, path).empty();
            if (const json::value* then = schema.if_contains(holds ? "then" : "else"))
                return check(*then, value, path);
        }
        return {};
    }

    /// At most `enough`; `first` is why the first one does not fit.
    std::size_t count_fitting(const json::array& schemas, const json::value& value, const std::string& path,
                              std::size_t enough, std::string& first) {
        std::size_t fitting = 0;
        for (const json::value& one : schemas) {
            std::string found = check(one, value, path);
            if (found.empty() && ++fitting == enough) break;
            if (first.empty()) first = std::move(found);
        }
        return fitting;
    }

    std::string check_count(const json::object& schema, const std::string& of, std::size_t count,
                            std::string_view unit, const std::string& path) {
        const auto bound = [&](const std::string& key) -> const json::value* {
            const json::value* found = schema.if_contains(key);
            return found && found->is_number() ? found : nullptr;
        };
        const auto got = static_cast<long double>(count);
        if (const json::value* least = bound("min" + of); least && got < exact_number(*least))
            return at(path, fmt::format("expected at least {} {}, got {}", shown(*least), unit, count));
        if (const json::value* most = bound("max" + of); most && got > exact_number(*most))
            return at(path, fmt::format("expected at most {} {}, got {}", shown(*most), unit, count));
        return {};
    }

    static const json::array* list(const json::object& schema, std::string_view key) {
        const json::value* value = schema.if_contains(key);
        return value ? value->if_array() : nullptr;
    }
    static const json::object* mapping(const json::object& schema, std::string_view key) {
        const json::value* value = schema.if_contains(key);
        return value ? value->if_object() : nullptr;
    }

    const Pattern& compiled(std::string_view expression) {
        auto known = patterns_.find(expression);
        if (known == patterns_.end())
            known = patterns_.emplace(std::string(expression), Pattern(expression)).first;
        return known->second;
    }

    const json::value& root_;
    std::map<std::string, Pattern, std::less<>> patterns_;
    std::size_t steps_ = 0;
    int depth_ = 0;
};

} // namespace

bool is_whole(const json::value& value) {
    if (!value.is_double()) return value.is_number();
    return std::trunc(value.get_double()) == value.get_double();
}

const json::value* referred(const json::value& root, std::string_view reference) {
    if (reference.empty() || reference.front() != '#') return nullptr;
    // As part of a URL it may have %-escapes.
    std::string pointer;
    for (std::size_t i = 1; i < reference.size(); ++i) {
        const auto digit = [&](std::size_t place) {
            const std::size_t value =
                place < reference.size()
                    ? std::string_view("0123456789abcdef").find(static_cast<char>(reference[place] | 0x20))
                    : std::string_view::npos;
            return value == std::string_view::npos ? -1 : static_cast<int>(value);
        };
        if (reference[i] == '%') {
            if (digit(i + 1) < 0 || digit(i + 2) < 0) return nullptr;
            pointer += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        } else {
            pointer += reference[i];
        }
    }
    boost::system::error_code missing;
    return root.find_pointer(pointer, missing);
}

std::string compare_schema(const json::value& schema, const json::value& answer) {
    try {
        return Validation(schema).check(schema, answer, "");
    } catch (const Error& failure) {
        return failure.message();
    }
}

} // namespace pyfops::expect
