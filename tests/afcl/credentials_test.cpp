// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_directory.hpp"

#include "pyfops/afcl.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

using namespace pyfops;

namespace {

class FakeSystem final : public System {
  public:
    std::map<std::string, std::string> values;
    std::optional<std::string> variable(std::string_view name) const override {
        const auto found = values.find(std::string(name));
        return found == values.end() ? std::nullopt : std::optional(found->second);
    }
    std::map<std::string, std::string> variables() const override { return values; }
    std::optional<std::string> read_file(const std::filesystem::path& path, std::size_t max) const override {
        return real_system().read_file(path, max);
    }
    std::filesystem::path home() const override { return "/nowhere"; }
    std::filesystem::path cache_directory() const override { return "/nowhere"; }
};

struct Read {
    TemporaryDirectory directory;
    FakeSystem base;
    std::filesystem::path file = directory.path() / "credentials.properties";

    EngineCredentials operator()(const std::string& text, unsigned mode = 0600) {
        write_file(file, text, mode);
        return read_engine_credentials(file, base);
    }
    std::string failure(const std::string& text) {
        try {
            (*this)(text);
            return "";
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::invalid_input);
            return error.what();
        }
    }
};

bool warns(const EngineCredentials& credentials, const std::string& part) {
    return std::any_of(credentials.warnings.begin(), credentials.warnings.end(),
                       [&](const std::string& text) { return text.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("keys of AWS replace those of the environment and are never shown") {
    Read read;
    read.base.values = {
        {"AWS_ACCESS_KEY_ID", "old"}, {"AWS_SESSION_TOKEN", "of the old one"}, {"PATH", "/bin"}};
    for (const char* text : {"aws_access_key=AKIAEXAMPLE\naws_secret_key=sEcReTvAlUe\n",
                             "aws_access_key_id = AKIAEXAMPLE\naws_secret_access_key: sEcReTvAlUe\n",
                             "aws_access_key=AKIAEXAMPLE\naws_access_key_id=AKIAEXAMPLE\n"
                             "aws_secret_key=sEcReTvAlUe\naws_secret_access_key=sEcReTvAlUe\n"}) {
        const EngineCredentials credentials = read(text);
        CHECK(credentials.warnings.empty());
        const System& system = *credentials.system;
        CHECK(system.variable("AWS_ACCESS_KEY_ID") == "AKIAEXAMPLE");
        CHECK(system.variable("AWS_SECRET_ACCESS_KEY") == "sEcReTvAlUe");
        CHECK(system.variable("AWS_SESSION_TOKEN") == std::nullopt);
        CHECK(system.variable("PATH") == "/bin");
        const auto all = system.variables();
        CHECK(all.at("AWS_SECRET_ACCESS_KEY") == "sEcReTvAlUe");
        CHECK_FALSE(all.contains("AWS_SESSION_TOKEN"));
        CHECK(redact("it is sEcReTvAlUe") == "it is ***");
    }
    CHECK(redact("it is sEcReTvAlUe") == "it is sEcReTvAlUe"); // forgotten with the credentials
    CHECK(read("aws_access_key=AKIA\naws_secret_key=s3\naws_session_token=t0ken\n")
              .system->variable("AWS_SESSION_TOKEN") == "t0ken");
}

TEST_CASE("credentials that contradict themselves or are not there are refused without their values") {
    Read read;
    const std::string two =
        read.failure("aws_access_key=ONEKEY\naws_access_key_id=TWOKEY\naws_secret_key=hidden\n");
    CHECK(two.find("'aws_access_key' and 'aws_access_key_id' have different values") != std::string::npos);
    CHECK(two.find("ONEKEY") == std::string::npos);
    CHECK(read.failure("aws_access_key=AKIA\n").find("has no aws_secret_access_key") != std::string::npos);
    CHECK(read.failure("aws_secret_key=s\n").find("has no aws_access_key_id") != std::string::npos);
    CHECK_THROWS_AS(read_engine_credentials(read.directory.path() / "other", read.base), Error);
}

TEST_CASE("what a provider cannot use is a warning that says so") {
    Read read;
    const EngineCredentials credentials = read("ibm_api_key=plainkey\nazure_key=functionkey\nnonsense=1\n");
    CHECK(warns(credentials, "'ibm_api_key' cannot be used: it is a key of IBM Cloud Functions"));
    CHECK(warns(credentials, "'azure_key' cannot be used"));
    CHECK(warns(credentials, "the key 'nonsense' is not known"));
    CHECK(warns(credentials, "holds nothing that a provider could use"));
    CHECK(credentials.used.empty());
    for (const std::string& warning : credentials.warnings)
        CHECK(warning.find("functionkey") == std::string::npos);
    // The key of a name space serves OpenWhisk, written out or as "Basic" has it.
    for (const char* text : {"ibm_api_key=uuid-1:passw0rd\n", "ibm_api_key=dXVpZC0xOnBhc3N3MHJk\n"}) {
        const EngineCredentials whisk = read(text);
        CHECK(whisk.system->variable("__OW_API_KEY") == "uuid-1:passw0rd");
        CHECK(warns(whisk, "serves OpenWhisk only"));
        CHECK(redact("uuid-1:passw0rd") == "***");
    }
}

TEST_CASE("a service account of Google stands in the file or beside it") {
    Read read;
    const std::string key =
        R"({"type": "service_account", "private_key": "-----BEGIN\nabcdef\n-----END\n", "client_email": "a@b"})";
    // Java turns \n into line ends, which JSON does not allow there.
    const EngineCredentials inside = read("google_sa_key=" + key + "\n");
    CHECK(inside.warnings.empty());
    const auto path = inside.system->variable("GOOGLE_APPLICATION_CREDENTIALS");
    REQUIRE(path);
    const json::value account = parse_json(inside.system->read_file(*path).value_or(""), "key");
    CHECK(string_or(account, "private_key") == "-----BEGIN\nabcdef\n-----END\n");
    CHECK_FALSE(std::filesystem::exists(*path)); // never on the disk
    CHECK(redact("-----BEGIN\nabcdef\n-----END\n") == "***");
    write_file(read.directory.path() / "sa.json", key);
    const EngineCredentials beside = read("google_sa_key=sa.json\n");
    CHECK(beside.system->variable("GOOGLE_APPLICATION_CREDENTIALS") ==
          (read.directory.path() / "sa.json").string());
    CHECK(warns(read("google_sa_key=other.json\n"), "'google_sa_key' cannot be used"));
    CHECK(warns(read("google_sa_key={broken\n"), "'google_sa_key' cannot be used"));
}

TEST_CASE("a file that others may read is a warning") {
    Read read;
    CHECK(warns(read("aws_access_key=AKIA\naws_secret_key=s3cr3t\n", 0644), "run 'chmod 600"));
}
