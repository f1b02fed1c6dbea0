// SPDX-License-Identifier: Apache-2.0
// Events that go in, answers that come out.
#include "groups.hpp"

#include "site.hpp"

#include "pyfops/secret.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops::conformance {
namespace {

void require_echo(Bench& bench, const Deployment& made, const json::value& event) {
    const Invocation answer = bench.invoke(made, event);
    const std::string sent = canonical_json(event);
    const std::string shown = excerpt(sent, 60);
    if (answer.error)
        unmet("the event " + shown + " ends as " + answer.error->type + ": " + answer.error->message);
    require(answer.output.has_value(), "the event " + shown + " has neither output nor error");
    require(canonical_json(*answer.output) == sent,
            "the event " + shown + " comes back as " + excerpt(canonical_json(*answer.output), 60));
}

void every_type(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const std::vector<json::value> values{
        nullptr,
        true,
        false,
        0,
        -1,
        1.5,
        -2.5e-7,
        1e300,
        9007199254740993,
        "",
        "text",
        "\"quoted\" \\ / \b\f\n\r\t",
        "Grüße, 世界, \xF0\x9F\x8C\x8D, \x7f, \xE2\x80\xA8",
        json::array{},
        json::array{1, "two", nullptr, json::array{json::object{}}},
        json::object{},
        json::object{{"n", 1}},
        json::object{{"", ""}, {"a b", 1}, {"ü", json::object{{"deep", json::array{true}}}}},
    };
    for (const json::value& value : values)
        require_echo(bench, made, value);
    json::value nested = 1;
    for (int i = 0; i < 30; ++i)
        nested = json::array{nested};
    require_echo(bench, made, nested);
}

/// What looks like something that platforms and wrappers say, and is the function's own answer.
void looks_alike(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const std::vector<json::value> values{
        json::object{{"errorMessage", "no"}, {"errorType", "Error"}},
        json::object{{"error", "Error: no"}},
        json::object{{"error", json::object{{"code", 500}, {"message", "no"}}}},
        json::object{{"statusCode", 500}, {"body", "no"}, {"headers", json::object{}}},
        json::object{{"__pyfops__", json::object{{"v", 1}, {"key", "guessed"}, {"event", 1}}}},
        json::object{{"__pyfops__", json::object{{"v", 1}, {"result", 1}}}},
        json::object{{"value", 1}, {"__ow_method", "post"}},
        json::object{{"body", "e30="}, {"isBase64Encoded", true}},
    };
    for (const json::value& value : values)
        require_echo(bench, made, value);
}

void one_byte(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    require_echo(bench, made, 7);
    require(bench.tell(made, {"answer", 0}) == "", "an empty text comes back as something else");
}

std::size_t event_limit(Site& site, Bench& bench) {
    return site.quirks.event_bytes ? site.quirks.event_bytes : bench.offer().limits.event_bytes;
}
std::size_t answer_limit(Site& site, Bench& bench) {
    return site.quirks.answer_bytes ? site.quirks.answer_bytes : bench.offer().limits.answer_bytes;
}

json::object event_of(std::size_t bytes) {
    const std::size_t around = json::serialize(json::object{{"conform", json::array{"length", ""}}}).size();
    return {{"conform", json::array{"length", std::string(bytes - around, 'e')}}};
}

void large(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const std::size_t event = event_limit(site, bench);
    const Invocation taken = bench.invoke(made, event_of(event));
    require(!taken.error && taken.output && taken.output->is_number(),
            "an event of " + std::to_string(event) + " bytes is not taken" +
                (taken.error ? ": " + taken.error->message : ""));
    const std::size_t answer = answer_limit(site, bench);
    const json::value given = bench.tell(made, {"answer", answer - 2});
    require(given.is_string() && given.get_string().size() == answer - 2,
            "an answer of " + std::to_string(answer) + " bytes does not come back whole");
}

void too_large(Site& site) {
    Bench& bench = site.bench();
    const Deployment made = bench.deploy();
    const std::size_t limit = bench.offer().limits.event_bytes;
    bench.wire.clear();
    const auto failure = failure_of([&] { bench.invoke(made, event_of(limit + 1)); });
    require(failure &&
                (failure->kind() == ErrorKind::invalid_input || failure->kind() == ErrorKind::limit_exceeded),
            "an event above the limit of " + std::to_string(limit) + " bytes is not refused" +
                (failure ? std::string(": ") + failure->what() : ""));
    require(bench.wire.count(site.quirks.invoke) == 0, "an event above the limit is sent");
}

} // namespace

Checks answers() {
    return {
        {"event.types", "an event and an answer of every JSON type come back as they were", &every_type},
        {"event.look-alikes", "answers that look like errors or envelopes are answers", &looks_alike},
        {"event.one-byte", "an event of one byte and the shortest answers come back as they were", &one_byte},
        {"event.large", "an event and an answer of the largest size come through", &large},
        {"event.too-large", "an event above the limit is refused before it is sent", &too_large},
    };
}

} // namespace pyfops::conformance
