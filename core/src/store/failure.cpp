// SPDX-License-Identifier: Apache-2.0
#include "store/session.hpp"

#include <fmt/format.h>

namespace pyfops::store {

Error to_error(const Failure& failure, const DatabaseUrl& url) {
    const std::string where = url.str();
    const auto error = [&](std::string_view what, std::string hint) {
        return Error(ErrorKind::storage, fmt::format("{}: {} ({})", where, what, failure.what()))
            .hint(std::move(hint));
    };
    const bool mariadb = url.kind == DatabaseUrl::Kind::mariadb;
    switch (failure.kind()) {
    case Failure::Kind::lost:
        return error("the database server ended the connection",
                     "start it again and repeat the command: what it missed is in the journal");
    case Failure::Kind::collided:
        return error("the database refused a row that collides with another one",
                     "run 'pyfops db migrate --check' and repair what it reports");
    case Failure::Kind::busy:
        return error("the database is locked by somebody else",
                     "end the program that holds it, or repeat the command later");
    case Failure::Kind::no_server:
        return error("no database server answers there",
                     url.socket.empty() ? "start the server, or correct host and port"
                                        : "start the server, or correct the path of its socket");
    case Failure::Kind::denied:
        return error("the database does not accept this user and password",
                     "correct the user, and set PYFOPS_DB_PASSWORD or PYFOPS_DB_PASSWORD_FILE");
    case Failure::Kind::no_database:
        return error("the server has no such database",
                     fmt::format("create it: CREATE DATABASE `{}`", url.name));
    case Failure::Kind::no_privilege:
        return error("the user may not do this",
                     fmt::format("grant it: GRANT ALL ON `{}`.* TO the user", url.name));
    case Failure::Kind::read_only:
        return error("the database cannot be written",
                     mariadb ? "use a server that is not read-only"
                             : "give this user write permission for the file and its folder");
    case Failure::Kind::full:
        return error("the disk of the database is full", "make room and repeat the command");
    case Failure::Kind::not_a_database:
        return error("the file is damaged or no SQLite database",
                     "move it away: the next run makes a new one");
    case Failure::Kind::cannot_open:
        return error("the file cannot be opened", "check its path, its folder and their permissions");
    case Failure::Kind::other:
        break;
    }
    return Error(ErrorKind::storage, fmt::format("{}: {}", where, failure.what()))
        .hint("run 'pyfops db migrate --check' to see whether the schema is as expected");
}

} // namespace pyfops::store
