// SPDX-License-Identifier: Apache-2.0
// Whether a JSON Schema is one, before it meets an answer.
#include "expect/schema.hpp"

#include "base/json_pointer.hpp"
#include "expect/message.hpp"
#include "expect/pattern.hpp"
#include "pyfops/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <set>
#include <utility>

namespace pyfops::expect {
namespace {

/// What a keyword's value must be.
enum class Form {
    anything,
    boolean,
    text,
    pattern,
    number,
    positive,     ///< number above 0
    count,        ///< whole number from 0
    texts,        ///< list of different texts
    values,       ///< list that is not empty
    types,        ///< name of a type or a list of them
    schema,       ///< one
    schemas,      ///< list that is not empty
    items,        ///< a schema or a list of them
    by_name,      ///< mapping to schemas
    by_pattern,   ///< the same, the keys are regular expressions
    dependencies, ///< mapping to schemas or lists of texts
    reference,
    unchecked, ///< it would be an annotation only
    later      ///< of a draft after 7
};

const std::map<std::string_view, Form> keywords{
    {"$comment", Form::text},
    {"$defs", Form::by_name},
    {"$id", Form::text},
    {"$ref", Form::reference},
    {"$schema", Form::text},
    {"additionalItems", Form::schema},
    {"additionalProperties", Form::schema},
    {"allOf", Form::schemas},
    {"anyOf", Form::schemas},
    {"const", Form::anything},
    {"contains", Form::schema},
    {"contentEncoding", Form::unchecked},
    {"contentMediaType", Form::unchecked},
    {"default", Form::anything},
    {"definitions", Form::by_name},
    {"dependencies", Form::dependencies},
    {"description", Form::text},
    {"else", Form::schema},
    {"enum", Form::values},
    {"examples", Form::anything},
    {"exclusiveMaximum", Form::number},
    {"exclusiveMinimum", Form::number},
    {"format", Form::unchecked},
    {"if", Form::schema},
    {"items", Form::items},
    {"maxItems", Form::count},
    {"maxLength", Form::count},
    {"maxProperties", Form::count},
    {"maximum", Form::number},
    {"minItems", Form::count},
    {"minLength", Form::count},
    {"minProperties", Form::count},
    {"minimum", Form::number},
    {"multipleOf", Form::positive},
    {"not", Form::schema},
    {"oneOf", Form::schemas},
    {"pattern", Form::pattern},
    {"patternProperties", Form::by_pattern},
    {"properties", Form::by_name},
    {"propertyNames", Form::schema},
    {"readOnly", Form::boolean},
    {"required", Form::texts},
    {"then", Form::schema},
    {"title", Form::text},
    {"type", Form::types},
    {"uniqueItems", Form::boolean},
    {"writeOnly", Form::boolean},
    {"$anchor", Form::later},
    {"$dynamicRef", Form::later},
    {"$recursiveRef", Form::later},
    {"dependentRequired", Form::later},
    {"dependentSchemas", Form::later},
    {"maxContains", Form::later},
    {"minContains", Form::later},
    {"prefixItems", Form::later},
    {"unevaluatedItems", Form::later},
    {"unevaluatedProperties", Form::later},
};

constexpr std::array<std::string_view, 7> type_names{"array",  "boolean", "integer", "null",
                                                     "number", "object",  "string"};

bool is_type(const json::value& value) {
    return value.is_string() && std::find(type_names.begin(), type_names.end(),
                                          std::string_view(value.get_string())) != type_names.end();
}

bool different_texts(const json::value& value) {
    const auto* array = value.if_array();
    if (!array) return false;
    std::set<std::string_view> seen;
    return std::all_of(array->begin(), array->end(), [&](const json::value& item) {
        return item.is_string() && seen.insert(item.get_string()).second;
    });
}

class Check {
  public:
    explicit Check(const json::value& root) : root_(root) {}

    std::vector<Problem> run() {
        visit(root_, "");
        // A queue: a schema refers to others as often as it likes.
        for (std::size_t next = 0; next < schemas_.size(); ++next)
            check(next);
        find_circles();
        return std::move(problems_);
    }

  private:
    struct Place {
        const json::value* schema;
        std::string path;
        std::vector<std::size_t> same_value; ///< schemas that it applies to the value it is applied to
        enum { fresh, open, done } state = fresh;
    };

    std::size_t visit(const json::value& schema, const std::string& path) {
        const auto [known, is_new] = index_.try_emplace(&schema, schemas_.size());
        if (is_new) schemas_.push_back({&schema, path, {}, Place::fresh});
        return known->second;
    }

    void add(const std::string& path, std::string summary, std::string hint = {},
             Severity severity = Severity::error) {
        problems_.push_back({path, std::move(summary), std::move(hint), severity});
    }

    void check(std::size_t index) {
        const json::value& schema = *schemas_[index].schema;
        const std::string path = schemas_[index].path;
        if (schema.is_bool()) return;
        const auto* object = schema.if_object();
        if (!object) {
            add(path, "a schema is a mapping, true or false, not " + shown(schema));
            return;
        }
        for (const auto& member : *object) {
            const std::string_view key = member.key();
            const auto keyword = keywords.find(key);
            if (keyword != keywords.end()) {
                check_keyword(index, key, keyword->second, member.value(), pointer_to(path, key));
            } else if (const std::string near = nearest(key, names()); !near.empty()) {
                add(pointer_to(path, key), "JSON Schema has no '" + one_line(std::string(key)) + "'",
                    "did you mean '" + near + "'?", Severity::warning);
            }
        }
    }

    static const std::vector<std::string>& names() {
        static const std::vector<std::string> all = [] {
            std::vector<std::string> result;
            for (const auto& [name, form] : keywords)
                if (form != Form::later) result.emplace_back(name);
            return result;
        }();
        return all;
    }

    void check_keyword(std::size_t index, std::string_view key, Form form, const json::value& value,
                       const std::string& path) {
        const auto must_be = [&](std::string_view what) {
            add(path, fmt::format("'{}' must be {}, not {}", key, what, shown(value)));
        };
        switch (form) {
        case Form::anything:
            break;
        case Form::boolean:
            if (!value.is_bool()) must_be("true or false");
            break;
        case Form::text:
            if (!value.is_string()) must_be("text");
            break;
        case Form::pattern:
            value.is_string() ? check_pattern(value.get_string(), path) : must_be("a regular expression");
            break;
        case Form::number:
            if (!value.is_number()) must_be("a number");
            break;
        case Form::positive:
            if (!value.is_number() || value.to_number<double>() <= 0) must_be("a number above 0");
            break;
        case Form::count:
            if (!is_whole(value) || value.to_number<double>() < 0) must_be("a whole number from 0");
            break;
        case Form::texts:
            if (!different_texts(value)) must_be("a list of different texts");
            break;
        case Form::values:
            if (!value.is_array() || value.get_array().empty()) must_be("a list of at least one value");
            break;
        case Form::types:
            check_types(value, path);
            break;
        case Form::schema:
            apply(index, key, value, path);
            break;
        case Form::schemas:
        case Form::items:
            if (const auto* list = value.if_array(); list && (form == Form::items || !list->empty())) {
                for (std::size_t i = 0; i < list->size(); ++i)
                    apply(index, key, (*list)[i], path + "/" + std::to_string(i));
            } else if (form == Form::items) {
                apply(index, key, value, path);
            } else {
                must_be("a list of at least one schema");
            }
            break;
        case Form::by_name:
        case Form::by_pattern:
        case Form::dependencies:
            check_mapping(index, key, form, value, path);
            break;
        case Form::reference:
            check_reference(index, value, path);
            break;
        case Form::unchecked:
            add(path, fmt::format("'{}' is not checked", key),
                key == "format" ? "say what the text looks like with 'pattern'" : "", Severity::warning);
            break;
        case Form::later:
            add(path, fmt::format("'{}' is of a later JSON Schema than draft 7", key),
                "write it with what draft 7 has");
            break;
        }
    }

    void check_pattern(std::string_view expression, const std::string& path) {
        try {
            const Pattern compiled(expression);
        } catch (const Error& failure) {
            add(path, failure.message());
        }
    }

    void check_types(const json::value& value, const std::string& path) {
        const auto* list = value.if_array();
        const bool good = list ? !list->empty() && std::all_of(list->begin(), list->end(), is_type) &&
                                     different_texts(value)
                               : is_type(value);
        if (good) return;
        std::string hint;
        if (const auto* name = value.if_string()) {
            const std::string near = nearest(*name, {type_names.begin(), type_names.end()});
            if (!near.empty()) hint = "did you mean '" + near + "'?";
        }
        if (hint.empty()) hint = fmt::format("known: {}", fmt::join(type_names, ", "));
        add(path, "'type' must be the name of a type or a list of different ones, not " + shown(value), hint);
    }

    void check_mapping(std::size_t index, std::string_view key, Form form, const json::value& value,
                       const std::string& path) {
        const auto* mapping = value.if_object();
        if (!mapping) {
            add(path, fmt::format("'{}' must be a mapping, not {}", key, shown(value)));
            return;
        }
        for (const auto& member : *mapping) {
            const std::string here = pointer_to(path, member.key());
            if (form == Form::by_pattern) check_pattern(member.key(), here);
            if (form != Form::dependencies || !member.value().is_array()) {
                apply(index, key, member.value(), here);
            } else if (!different_texts(member.value())) {
                add(here,
                    "a dependency is a schema or a list of different texts, not " + shown(member.value()));
            }
        }
    }

    void check_reference(std::size_t index, const json::value& value, const std::string& path) {
        const auto* text = value.if_string();
        if (!text) {
            add(path, "'$ref' must be text, not " + shown(value));
        } else if (*text != "#" && !text->starts_with("#/")) {
            add(path, "'$ref' leads out of the schema: " + shown(value),
                "copy what it names to 'definitions' and write #/definitions/NAME");
        } else if (const json::value* target = referred(root_, *text)) {
            // What is said of the target is said at its own place where it has one.
            const std::size_t place = visit(*target, text->subview(1));
            schemas_[index].same_value.push_back(place);
        } else {
            add(path, "there is nothing at " + shown(value));
        }
    }

    void apply(std::size_t index, std::string_view key, const json::value& schema, const std::string& path) {
        const std::size_t place = visit(schema, path);
        static const std::set<std::string_view> to_same_value{"allOf", "anyOf", "dependencies", "else",
                                                              "if",    "not",   "oneOf",        "then"};
        // Beside '$ref' nothing else counts.
        if (to_same_value.contains(key) && !schemas_[index].schema->get_object().contains("$ref"))
            schemas_[index].same_value.push_back(place);
    }

    /// A schema that applies itself to the same value would never end.
    void find_circles() {
        for (std::size_t start = 0; start < schemas_.size(); ++start) {
            if (schemas_[start].state != Place::fresh) continue;
            std::vector<std::pair<std::size_t, std::size_t>> way{{start, 0}}; // schema, next of its own
            schemas_[start].state = Place::open;
            while (!way.empty()) {
                auto& [at, next] = way.back();
                if (next == schemas_[at].same_value.size()) {
                    schemas_[at].state = Place::done;
                    way.pop_back();
                    continue;
                }
                const std::size_t then = schemas_[at].same_value[next++];
                if (schemas_[then].state == Place::open)
                    add(schemas_[at].path, "the schema applies itself to the same value without end",
                        "refer to it from 'properties' or 'items' only");
                if (schemas_[then].state != Place::fresh) continue;
                schemas_[then].state = Place::open;
                way.emplace_back(then, 0);
            }
        }
    }

    const json::value& root_;
    std::vector<Problem> problems_;
    std::vector<Place> schemas_;
    std::map<const json::value*, std::size_t> index_;
};

} // namespace

std::vector<Problem> schema_problems(const json::value& schema) {
    return Check(schema).run();
}

} // namespace pyfops::expect
