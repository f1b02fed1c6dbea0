// SPDX-License-Identifier: Apache-2.0
#include "keys.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/sdk/jwt.hpp"
#include "pyfops/system.hpp"

#include <boost/json.hpp>
#include <fmt/format.h>

namespace pyfops::google_emulator {
namespace {

const std::string collection = "google/keys";
constexpr std::int64_t subject_lifetime = 7 * 24 * 3600;

std::string random_text(std::size_t bytes) {
    return base64url(random_bytes(bytes));
}

} // namespace

Keys::Keys(World& world)
    : world_(world),
      account_(fmt::format("pyfops@{}.iam.gserviceaccount.com", project)) {
    load();
    write_files();
}

void Keys::load() {
    auto stored = world_.state().get(collection, "client");
    if (!stored) {
        const RsaKeyPair pair = make_rsa_key_pair();
        stored = json::object{
            {"private_key", pair.private_pem.expose()}, {"public_key", pair.public_pem},
            {"key_id", hex(random_bytes(20))},          {"seal", random_text(32)},
            {"client_secret", random_text(18)},         {"refresh_token", "1//" + random_text(40)}};
        world_.state().put(collection, "client", *stored);
    }
    private_key_ = Secret(string_or(*stored, "private_key"));
    public_key_ = string_or(*stored, "public_key");
    key_id_ = string_or(*stored, "key_id");
    seal_ = Secret(string_or(*stored, "seal"));
    client_secret_ = Secret(string_or(*stored, "client_secret"));
    refresh_token_ = Secret(string_or(*stored, "refresh_token"));
}

void Keys::load_issuer() {
    if (!issuer_key_.empty()) return;
    auto stored = world_.state().get(collection, "issuer");
    if (!stored) {
        const RsaKeyPair pair = make_rsa_key_pair();
        stored = json::object{{"private_key", pair.private_pem.expose()}, {"public_key", pair.public_pem}};
        world_.state().put(collection, "issuer", *stored);
    }
    issuer_key_ = Secret(string_or(*stored, "private_key"));
    issuer_public_key_ = string_or(*stored, "public_key");
}

const Secret& Keys::issuer_key() {
    load_issuer();
    return issuer_key_;
}

const std::string& Keys::issuer_public_key() {
    load_issuer();
    return issuer_public_key_;
}

std::string Keys::pool_audience() const {
    return fmt::format(
        "//iam.googleapis.com/projects/{}/locations/global/workloadIdentityPools/pyfops/providers/"
        "pyfops",
        project_number);
}

std::filesystem::path Keys::folder() const {
    return world_.state().directory() / "google";
}

void Keys::write_files() const {
    const std::string& base = world_.host().base_url;
    const std::string token_uri = base + "/oauth2.googleapis.com/token";
    const std::string become =
        fmt::format("{}/iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:generateAccessToken",
                    base, account_);
    const auto write = [this](const char* name, const json::value& content) {
        write_file(folder() / name, pretty_json(content) + "\n", 0600);
    };
    const json::object key{{"type", "service_account"},
                           {"project_id", project},
                           {"private_key_id", key_id_},
                           {"private_key", private_key_.expose()},
                           {"client_email", account_},
                           {"client_id", project_number},
                           {"auth_uri", base + "/accounts.google.com/o/oauth2/auth"},
                           {"token_uri", token_uri},
                           {"universe_domain", "googleapis.com"}};
    write("service-account.json", key);
    const json::object user{{"type", "authorized_user"},
                            {"client_id", client_id()},
                            {"client_secret", client_secret_.expose()},
                            {"refresh_token", refresh_token_.expose()},
                            {"token_uri", token_uri}};
    write("authorized-user.json", user);
    write("impersonated-account.json", json::object{{"type", "impersonated_service_account"},
                                                    {"service_account_impersonation_url", become},
                                                    {"delegates", json::array()},
                                                    {"source_credentials", key}});
    const auto now = world_.now_seconds();
    const std::string subject =
        sdk::encode_jwt({{"alg", "RS256"}, {"typ", "JWT"}, {"kid", key_id_}},
                        {{"iss", pool_issuer()},
                         {"sub", "ci"},
                         {"aud", pool_audience()},
                         {"iat", now},
                         {"exp", now + subject_lifetime}},
                        [this](std::string_view text) { return rsa_sha256_sign(private_key_, text); });
    const std::filesystem::path token = folder() / "subject-token";
    write_file(token, subject, 0600); // google-auth sends the whole file
    write("external-account.json",
          json::object{{"type", "external_account"},
                       {"audience", pool_audience()},
                       {"subject_token_type", "urn:ietf:params:oauth:token-type:jwt"},
                       {"token_url", base + "/sts.googleapis.com/v1/token"},
                       {"service_account_impersonation_url", become},
                       {"credential_source", json::object{{"file", token.string()}}}});
}

} // namespace pyfops::google_emulator
