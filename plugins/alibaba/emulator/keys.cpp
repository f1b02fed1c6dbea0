// SPDX-License-Identifier: Apache-2.0
#include "keys.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/json.hpp"

#include <fmt/format.h>

namespace pyfops::alibaba_emulator {

namespace {

const std::string collection = "alibaba/keys";
const std::string index_collection = "alibaba/key-index";
constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

} // namespace

std::optional<AccessKey> Keys::find(const std::string& id) const {
    const auto stored = world_.state().get(collection, id);
    if (!stored) return std::nullopt;
    AccessKey key;
    key.id = id;
    key.secret = Secret(string_or(*stored, "secret"));
    key.token = string_or(*stored, "token");
    key.principal = string_or(*stored, "principal");
    key.role_id = string_or(*stored, "role_id");
    key.of_function = stored->contains("of_function");
    key.expires_ms = integer_or(*stored, "expires_ms");
    return key;
}

AccessKey Keys::issue(const std::string& role_arn, const std::string& session, std::int64_t lifetime_seconds,
                      bool of_function) {
    AccessKey key;
    const std::string role = role_arn.substr(role_arn.rfind('/') + 1);
    key.id = "STS." + world_.random_text(26, letters);
    key.secret = Secret(world_.random_text(44, letters));
    key.token = base64(random_bytes(96));
    key.principal = fmt::format("acs:ram::{}:assumed-role/{}/{}", account, role, session);
    key.role_id = "3" + world_.random_text(17, "0123456789");
    key.of_function = of_function;
    if (lifetime_seconds > 0) key.expires_ms = world_.now_ms() + lifetime_seconds * 1000;
    json::object stored{{"secret", key.secret.expose()},
                        {"token", key.token},
                        {"principal", key.principal},
                        {"role_id", key.role_id},
                        {"expires_ms", key.expires_ms}};
    if (of_function) stored["of_function"] = true;
    world_.state().put(collection, key.id, std::move(stored));
    return key;
}

AccessKey Keys::client() {
    // A security token is always there: it also hides one that the user's shell has for the real cloud.
    if (const auto index = world_.state().get(index_collection, "client"))
        if (auto known = find(string_or(*index, "id"))) return std::move(*known);
    auto key = issue("role/pyfops-local", "client", 0);
    world_.state().put(index_collection, "client", {{"id", key.id}});
    return key;
}

AccessKey Keys::of_role(const std::string& role_arn) {
    if (const auto index = world_.state().get(index_collection, role_arn))
        if (auto known = find(string_or(*index, "id"))) return std::move(*known);
    auto key = issue(role_arn, "function", 0, true);
    world_.state().put(index_collection, role_arn, {{"id", key.id}});
    return key;
}

} // namespace pyfops::alibaba_emulator
