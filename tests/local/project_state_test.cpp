// SPDX-License-Identifier: Apache-2.0
#include "pyfops/project_state.hpp"

#include "base/own_directories.hpp"
#include "pyfops/error.hpp"
#include "pyfops/journal.hpp"
#include "pyfops/local_cloud.hpp"
#include "pyfops/store.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

using namespace pyfops;
namespace fs = std::filesystem;

namespace {

std::string refusal(const fs::path& state) {
    LocalCloudOptions options;
    options.state = state;
    try {
        const LocalCloud cloud(options, real_system());
    } catch (const Error& error) {
        return error.what();
    }
    return {};
}

} // namespace

TEST_CASE("each realm has a state of its own and only the real one has the project's database") {
    Project project;
    project.directory = "/p";
    const ProjectState real = project_state(project, Realm::real, real_system());
    CHECK(real.directory == "/p/.pyfops");
    CHECK(real.journal == "/p/.pyfops/journal");
    CHECK(real.database.kind == DatabaseUrl::Kind::sqlite);
    CHECK(real.database.path == "/p/.pyfops/afcl.db");
    project.database = "sqlite:data/own.db";
    CHECK(project_state(project, Realm::real, real_system()).database.path == "/p/data/own.db");
    project.database = "mariadb://me@db.example.org/afcl";
    CHECK(project_state(project, Realm::real, real_system()).database.host == "db.example.org");
    const ProjectState local = project_state(project, Realm::local, real_system());
    CHECK(local.directory == "/p/.pyfops/local");
    CHECK(local.journal == "/p/.pyfops/local/journal");
    CHECK(local.database.kind == DatabaseUrl::Kind::sqlite);
    CHECK(local.database.path == "/p/.pyfops/local/afcl.db");
    CHECK(state_directory("/p", Realm::local) == local.directory);
    project.database = "what://is/this";
    CHECK_THROWS_AS(project_state(project, Realm::real, real_system()), Error);
    CHECK_NOTHROW(project_state(project, Realm::local, real_system()));
}

TEST_CASE("a state directory is made so that nobody else may write to it") {
    const TemporaryDirectory folder;
    const fs::path state = folder.path() / "project" / ".pyfops" / "local";
    const mode_t before = ::umask(0);
    std::error_code failure;
    create_own_directories(state, failure);
    ::umask(before);
    CHECK_FALSE(failure);
    CHECK(fs::is_directory(state));
    CHECK(open_to_others(state).empty());
    create_own_directories(state, failure);
    CHECK_FALSE(failure);
    std::ofstream(folder.path() / "file") << "x";
    create_own_directories(folder.path() / "file" / "local", failure);
    CHECK(failure);
}

TEST_CASE("database and journal make their folders so as well") {
    const TemporaryDirectory folder;
    const mode_t before = ::umask(0);
    DatabaseUrl url;
    url.path = folder.path() / "one" / ".pyfops" / "afcl.db";
    open_store(url, null_log());
    const Journal journal(folder.path() / "two" / ".pyfops" / "journal");
    ::umask(before);
    CHECK(open_to_others(folder.path() / "one" / ".pyfops" / "local").empty());
    CHECK(open_to_others(folder.path() / "two" / ".pyfops" / "local").empty());
}

TEST_CASE("a local cloud does not start where others may write") {
    const TemporaryDirectory folder;
    const fs::path own = folder.path() / ".pyfops", state = own / "local";
    fs::create_directories(state);
    CHECK(open_to_others(state).empty());
    CHECK(open_to_others(folder.path() / "none" / ".pyfops" / "local").empty());

    for (const fs::path& open : {own, state}) {
        CAPTURE(open.string());
        REQUIRE(::chmod(open.c_str(), 0777) == 0);
        REQUIRE(open_to_others(state).size() == 1);
        CHECK(open_to_others(state).front().directory == open);
        const std::string said = refusal(state);
        CHECK(said.find("every user of this machine may write to " + open.string()) != std::string::npos);
        CHECK(said.find("chmod go-w " + open.string()) != std::string::npos);
        CHECK_FALSE(fs::exists(state / "lease.lock"));
        // A sticky bit keeps files apart, not the names that are looked for.
        REQUIRE(::chmod(open.c_str(), 01777) == 0);
        CHECK(open_to_others(state).size() == 1);
        REQUIRE(::chmod(open.c_str(), 0775) == 0);
        CHECK(refusal(state).find("every user of its group may write to " + open.string()) !=
              std::string::npos);
        REQUIRE(::chmod(open.c_str(), 0755) == 0);
        CHECK(open_to_others(state).empty());
        if (::geteuid() != 0) continue; // nobody else can give a folder away
        REQUIRE(::chown(open.c_str(), 65534, 65534) == 0);
        CHECK(refusal(state).find(open.string() + " belongs to another user (uid 65534)") !=
              std::string::npos);
        REQUIRE(::chown(open.c_str(), 0, 0) == 0);
    }
    REQUIRE(::chmod(state.c_str(), 0777) == 0);
    LocalCloudOptions options;
    options.state = state;
    ForegroundCloud foreground(options, real_system());
    CHECK_THROWS_WITH_AS(foreground.wait_ready(), doctest::Contains("every user of this machine"), Error);
}
