// SPDX-License-Identifier: Apache-2.0
#include "support/temporary_directory.hpp"

#include "pyfops/error.hpp"
#include "pyfops/store.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

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

DatabaseUrl parse(const std::string& text, const FakeSystem& system = {}) {
    return DatabaseUrl::parse(text, "/project", system);
}

std::string failure(const std::string& text, const FakeSystem& system = {}) {
    try {
        parse(text, system);
        return "";
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::invalid_input);
        return error.what();
    }
}

bool contains(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

} // namespace

TEST_SUITE_BEGIN("url");

TEST_CASE("SQLite paths start at the project") {
    CHECK(parse("sqlite:.pyfops/afcl.db").path == "/project/.pyfops/afcl.db");
    CHECK(parse("sqlite:/abs/afcl.db").path == "/abs/afcl.db");
    CHECK(parse("sqlite:///abs/afcl.db").path == "/abs/afcl.db");
    CHECK(parse("sqlite:a b=c.db").str() == "sqlite:/project/a b=c.db");
    CHECK(contains(failure("sqlite:"), "names no file"));
}

TEST_CASE("MariaDB URLs are taken apart and shown without the password") {
    const DatabaseUrl plain = parse("mariadb://me@db.example.org/afcl");
    CHECK(plain.kind == DatabaseUrl::Kind::mariadb);
    CHECK(plain.host == "db.example.org");
    CHECK(plain.port == 3306);
    CHECK(plain.user == "me");
    CHECK(plain.name == "afcl");
    CHECK(plain.password.empty());
    CHECK_FALSE(plain.password_in_url);
    const DatabaseUrl full =
        parse("mariadb://a%40b:p%3Aw%2Fd%25@[::1]:3307/my%20db?socket=/run/my.sock&sslca=ca.pem");
    CHECK(full.user == "a@b");
    CHECK(full.password.expose() == "p:w/d%");
    CHECK(full.password_in_url);
    CHECK(full.host == "::1");
    CHECK(full.port == 3307);
    CHECK(full.name == "my db");
    CHECK(full.socket == "/run/my.sock");
    CHECK(full.ssl_ca == "/project/ca.pem");
    CHECK(full.str() == "mariadb://a%40b@[::1]:3307/my%20db?socket=/run/my.sock");
}

TEST_CASE("what is not a database URL is refused with a suggestion") {
    CHECK(contains(failure("mysql://me@host/db"), "did you mean 'mariadb://'?"));
    CHECK(contains(failure("jdbc:mariadb://host/db"), "did you mean 'mariadb://'?"));
    CHECK(contains(failure("postgres://host/db"), "write sqlite:PATH"));
    CHECK(contains(failure("afcl.db"), "did you mean 'sqlite:afcl.db'?"));
    CHECK(contains(failure("mariadb://me@host"), "names no database"));
    CHECK(contains(failure("mariadb://host/db"), "names no user"));
    CHECK(contains(failure("mariadb://me@host:99999/db"), "not a port number"));
    CHECK(contains(failure("mariadb://me@host/db?sockt=/x"), "no parameter 'sockt'"));
    const std::string broken = failure("mariadb://me:top%secret@host/db");
    CHECK(contains(broken, "written as %XX"));
    CHECK(broken.find("secret") == std::string::npos);
}

TEST_CASE("the password comes from the environment or a file") {
    FakeSystem system;
    system.values["PYFOPS_DB_PASSWORD"] = "from-env";
    CHECK(parse("mariadb://me@host/db", system).password.expose() == "from-env");
    CHECK(parse("mariadb://me:own@host/db", system).password.expose() == "own");
    system.values.clear();
    const TemporaryDirectory directory;
    const auto file = directory.path() / "password";
    write_file(file, "from file\n");
    system.values["PYFOPS_DB_PASSWORD_FILE"] = file.string();
    CHECK(parse("mariadb://me@host/db", system).password.expose() == "from file");
    system.values["PYFOPS_DB_PASSWORD_FILE"] = "/does/not/exist";
    CHECK(contains(failure("mariadb://me@host/db", system), "/does/not/exist"));
}

TEST_CASE("mariaDatabase.properties is read as Java reads it") {
    const TemporaryDirectory directory;
    const auto file = directory.path() / "mariaDatabase.properties";
    write_file(file, "# comment\n! another\nhost = db.example.org\r\nport:3307\n  database   afcl\n"
                     "username=me\\\n    and\\ you\npassword=p\\u00e4ss\\=\\#w\xc3\xb6rd\\\\ \n");
    const DatabaseUrl url = parse(file.string());
    CHECK(url.host == "db.example.org");
    CHECK(url.port == 3307);
    CHECK(url.name == "afcl");
    CHECK(url.user == "meand you");
    CHECK(url.password.expose() == "p\xc3\xa4ss=#w\xc3\xb6rd\\ ");
    CHECK_FALSE(url.password_in_url);
    write_file(file, "host=h\ndatabase=d\nusername=u\npassword=\xfc\n"); // Latin-1
    CHECK(parse(file.string()).port == 3306);
    CHECK(parse(file.string()).password.expose() == "\xc3\xbc");
    write_file(file, "host=h\nusername=u\n");
    CHECK(contains(failure(file.string()), "has no 'database'"));
    CHECK(contains(failure("other.properties"), "/project/other.properties does not exist"));
}

TEST_CASE("region codes of AWS' form are AWS' alone in AFCL") {
    for (const char* code : {"eu-central-1", "ap-southeast-5", "us-gov-west-1"}) {
        CHECK(afcl_region("aws", code) == code);
        const std::string stored = afcl_region("alibaba", code);
        CHECK(stored == std::string("alibaba-") + code);
        CHECK(region_from_afcl("alibaba", stored) == code);
        CHECK(region_from_afcl("aws", code) == code);
    }
    for (const char* code :
         {"cn-hangzhou", "westeurope", "europe-west1", "eu-de", "us-south", "cn-wulanchabu-acdr-1", ""}) {
        CHECK(afcl_region("alibaba", code) == code);
        CHECK(region_from_afcl("alibaba", code) == code);
    }
}

TEST_SUITE_END();
