// SPDX-License-Identifier: Apache-2.0
#include "keys.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/json.hpp"

#include <fmt/format.h>

namespace pyfops::aws_emulator {

namespace {

const std::string collection = "aws/keys";
const std::string index_collection = "aws/key-index";
constexpr std::string_view base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

} // namespace

std::optional<AccessKey> Keys::find(const std::string& id) const {
    const auto stored = world_.state().get(collection, id);
    if (!stored) return std::nullopt;
    AccessKey key;
    key.id = id;
    key.secret = Secret(string_or(*stored, "secret"));
    key.token = string_or(*stored, "token");
    key.principal = string_or(*stored, "principal");
    key.user_id = string_or(*stored, "user_id");
    key.of_function = stored->contains("of_function");
    key.expires_ms = integer_or(*stored, "expires_ms");
    return key;
}

AccessKey Keys::store(AccessKey key) {
    key.id = "ASIA" + world_.random_text(16, base32);
    key.secret = Secret(base64(random_bytes(30)));
    key.token = base64(random_bytes(96));
    json::object stored{{"secret", key.secret.expose()},
                        {"token", key.token},
                        {"principal", key.principal},
                        {"user_id", key.user_id},
                        {"expires_ms", key.expires_ms}};
    if (key.of_function) stored["of_function"] = true;
    world_.state().put(collection, key.id, std::move(stored));
    return key;
}

AccessKey Keys::client() {
    if (const auto index = world_.state().get(index_collection, "client"))
        if (auto known = find(string_or(*index, "id"))) return std::move(*known);
    AccessKey key;
    // A session token is always set: it also hides one that the user's shell has for the real cloud.
    key.principal = fmt::format("arn:aws:sts::{}:assumed-role/pyfops-local/client", account);
    key.user_id = "AROA" + world_.random_text(17, base32) + ":client";
    key = store(std::move(key));
    world_.state().put(index_collection, "client", {{"id", key.id}});
    return key;
}

AccessKey Keys::issue(const std::string& role_arn, const std::string& role_id, const std::string& session,
                      std::int64_t lifetime_seconds, bool of_function) {
    AccessKey key;
    key.of_function = of_function;
    key.principal = fmt::format("arn:aws:sts::{}:assumed-role/{}/{}", account,
                                role_arn.substr(role_arn.rfind('/') + 1), session);
    key.user_id = role_id + ":" + session;
    if (lifetime_seconds > 0) key.expires_ms = world_.now_ms() + lifetime_seconds * 1000;
    return store(std::move(key));
}

AccessKey Keys::of_role(const std::string& role_arn) {
    if (const auto index = world_.state().get(index_collection, role_arn))
        if (auto known = find(string_or(*index, "id")); known && known->of_function) return std::move(*known);
    auto key = issue(role_arn, "AROA" + world_.random_text(17, base32), "function", 0, true);
    world_.state().put(index_collection, role_arn, {{"id", key.id}});
    return key;
}

bool Keys::is_function(const std::string& id) const {
    const auto key = find(id);
    return key && key->of_function;
}

} // namespace pyfops::aws_emulator
