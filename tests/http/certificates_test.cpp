// SPDX-License-Identifier: Apache-2.0
#include "../core/emulator/src/local_ca.hpp"
#include "http/client_fixture.hpp"
#include "pyfops/system.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

#include <filesystem>

using namespace pyfops;

TEST_CASE("the local authority is made once and kept") {
    const TemporaryDirectory directory;
    const LocalCertificates first = local_certificates(directory / "state", real_clock());
    struct stat about {};
    REQUIRE(::stat(first.key.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    const std::string ca = read_file(first.ca), key = read_file(first.key);
    CHECK(ca.find("PRIVATE KEY") == std::string::npos);
    const LocalCertificates second = local_certificates(directory / "state", real_clock());
    CHECK(read_file(second.ca) == ca);
    CHECK(read_file(second.key) == key);
}

TEST_CASE("a local authority that is broken or near its end is made anew") {
    const TemporaryDirectory directory;
    const LocalCertificates files = local_certificates(directory.path(), real_clock());
    const std::string ca = read_file(files.ca), key = read_file(files.key);
    SUBCASE("broken certificate") {
        write_file(files.certificate, "-----BEGIN CERTIFICATE-----\nno\n");
    }
    SUBCASE("key of another") {
        write_file(files.key, issue_certificate({"x", {}, SystemTime(), SystemTime()}).key, 0600);
    }
    SUBCASE("authority of another") {
        write_file(files.ca, issue_certificate({"x", {}, SystemTime(), SystemTime(), true}).certificate);
    }
    SUBCASE("missing") {
        std::filesystem::remove(files.key);
    }
    SUBCASE("nearly over") {
        class Later final : public Clock {
            SteadyTime steady_now() const override { return {}; }
            SystemTime system_now() const override {
                return std::chrono::system_clock::now() + std::chrono::days(340);
            }
            Task<void> sleep(Milliseconds) override { co_return; }
        } later;
        local_certificates(directory.path(), later);
        CHECK(read_file(files.ca) != ca);
        return;
    }
    local_certificates(directory.path(), real_clock());
    CHECK(read_file(files.ca) != ca);
    CHECK(read_file(files.key) != key);
}
