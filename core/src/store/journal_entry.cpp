// SPDX-License-Identifier: Apache-2.0
#include "store/journal_entry.hpp"
#include "store/text.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <boost/json/serialize.hpp>

namespace pyfops::store {
namespace {

constexpr std::size_t checksum_length = 16;

template <class... Ts>
struct Overloaded : Ts... {
    using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

json::object write(const FdIdentity& identity) {
    return {{"project", identity.project},        {"function", identity.function},
            {"provider", identity.provider},      {"region", identity.region},
            {"realm", to_string(identity.realm)}, {"slot", identity.slot}};
}

Realm read_realm(const json::value& value) {
    return realm_of(string_or(value, "realm"));
}

FdIdentity read_identity(const json::value& value) {
    return {string_or(value, "project"),
            string_or(value, "function"),
            string_or(value, "provider"),
            string_or(value, "region"),
            read_realm(value),
            string_or(value, "slot")};
}

json::object write(const RunRecord& run) {
    return {{"uuid", run.uuid},
            {"project", run.project},
            {"command", run.command},
            {"realm", to_string(run.realm)},
            {"started", to_iso8601(run.started)},
            {"version", run.pyfops_version}};
}

RunRecord read_run(const json::value& value) {
    return {string_or(value, "uuid"),
            string_or(value, "project"),
            string_or(value, "command"),
            read_realm(value),
            from_iso8601(string_or(value, "started")),
            string_or(value, "version")};
}

json::object write(const IntentRecord& intent) {
    json::object environment;
    for (const auto& [key, value] : intent.environment)
        environment[key] = value;
    return {{"identity", write(intent.identity)},
            {"type", intent.function_type},
            {"afcl_name", intent.provider_afcl_name},
            {"short", intent.provider_short},
            {"location", intent.region_location},
            {"python", intent.python},
            {"runtime", intent.runtime},
            {"handler", intent.handler},
            {"source", intent.source_path},
            {"description", intent.description},
            {"environment", std::move(environment)},
            {"input", intent.first_input},
            {"cloud_name", intent.cloud_name},
            {"memory", intent.memory_mb},
            {"timeout", intent.timeout_seconds},
            {"row", intent.row}};
}

int integer(const json::value& value, std::string_view key) {
    return static_cast<int>(integer_or(value, key));
}

IntentRecord read_intent(const json::value& value) {
    IntentRecord intent;
    intent.identity = read_identity(value.at("identity"));
    intent.function_type = string_or(value, "type");
    intent.provider_afcl_name = string_or(value, "afcl_name");
    intent.provider_short = string_or(value, "short");
    intent.region_location = string_or(value, "location");
    intent.python = string_or(value, "python");
    intent.runtime = string_or(value, "runtime");
    intent.handler = string_or(value, "handler");
    intent.source_path = string_or(value, "source");
    intent.description = string_or(value, "description");
    for (const auto& [key, text] : value.at("environment").as_object())
        intent.environment[std::string(key)] = std::string(text.as_string());
    intent.first_input = value.at("input");
    intent.cloud_name = string_or(value, "cloud_name");
    intent.memory_mb = integer(value, "memory");
    intent.timeout_seconds = integer(value, "timeout");
    intent.row = integer_or(value, "row");
    return intent;
}

json::object write(const OutcomeRecord& outcome) {
    json::object object{{"identity", write(outcome.identity)},
                        {"link", outcome.link},
                        {"memory", outcome.memory_mb},
                        {"timeout", outcome.timeout_seconds},
                        {"package", outcome.package_bytes},
                        {"unzipped", outcome.unzipped_bytes},
                        {"content_hash", outcome.content_hash},
                        {"action", to_string(outcome.action)},
                        {"upload_ms", outcome.times.upload.count()},
                        {"activation_ms", outcome.times.activation.count()},
                        {"total_ms", outcome.times.total.count()}};
    if (outcome.searched) object["searched"] = true;
    if (outcome.minimum_memory_mb) object["minimum"] = *outcome.minimum_memory_mb;
    return object;
}

DeployAction read_action(std::string_view text) {
    for (const DeployAction action : {DeployAction::created, DeployAction::updated})
        if (to_string(action) == text) return action;
    return DeployAction::unchanged;
}

OutcomeRecord read_outcome(const json::value& value) {
    OutcomeRecord outcome;
    outcome.identity = read_identity(value.at("identity"));
    outcome.link = string_or(value, "link");
    outcome.memory_mb = integer(value, "memory");
    outcome.timeout_seconds = integer(value, "timeout");
    outcome.package_bytes = static_cast<std::size_t>(integer_or(value, "package"));
    outcome.unzipped_bytes = static_cast<std::size_t>(integer_or(value, "unzipped"));
    outcome.content_hash = string_or(value, "content_hash");
    outcome.action = read_action(string_or(value, "action"));
    outcome.times.upload = Milliseconds(integer_or(value, "upload_ms"));
    outcome.times.activation = Milliseconds(integer_or(value, "activation_ms"));
    outcome.times.total = Milliseconds(integer_or(value, "total_ms"));
    outcome.searched = find(value, "searched") != nullptr;
    if (find(value, "minimum")) outcome.minimum_memory_mb = integer(value, "minimum");
    return outcome;
}

} // namespace

std::string to_line(const JournalEntry& entry) {
    json::object object{{"id", entry.id}};
    if (const auto* settled = std::get_if<Settled>(&entry.what)) {
        object["settled"] = settled->id;
    } else {
        object["writer"] = entry.writer;
        object["run"] = write(entry.run);
        std::visit(Overloaded{[&](const IntentRecord& intent) { object["intent"] = write(intent); },
                              [&](const OutcomeRecord& outcome) { object["outcome"] = write(outcome); },
                              [&](const DestroyedRecord& destroyed) {
                                  object["destroyed"] = {{"identity", write(destroyed.identity)},
                                                         {"at", to_iso8601(destroyed.at)}};
                              },
                              [](const Settled&) {}},
                   entry.what);
    }
    const std::string text = json::serialize(object);
    return sha256_hex(text).substr(0, checksum_length) + " " + text + "\n";
}

std::optional<JournalEntry> from_line(std::string_view line) {
    if (line.size() <= checksum_length + 1 || line[checksum_length] != ' ') return std::nullopt;
    const std::string_view text = line.substr(checksum_length + 1);
    if (std::string_view(sha256_hex(text)).substr(0, checksum_length) != line.substr(0, checksum_length))
        return std::nullopt;
    try {
        const json::value value = parse_json(text, "a line of the journal");
        JournalEntry entry;
        entry.id = string_or(value, "id");
        if (const json::value* settled = find(value, "settled")) {
            entry.what = Settled{std::string(settled->as_string())};
            return entry;
        }
        entry.writer = string_or(value, "writer");
        entry.run = read_run(value.at("run"));
        if (const json::value* intent = find(value, "intent")) {
            entry.what = read_intent(*intent);
        } else if (const json::value* outcome = find(value, "outcome")) {
            entry.what = read_outcome(*outcome);
        } else if (const json::value* destroyed = find(value, "destroyed")) {
            entry.what = DestroyedRecord{read_identity(destroyed->at("identity")),
                                         from_iso8601(string_or(*destroyed, "at"))};
        } else {
            return std::nullopt;
        }
        return entry;
    } catch (const std::exception&) { // from a version that writes other lines
        return std::nullopt;
    }
}

} // namespace pyfops::store
