// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "frame/command.hpp"

#include <array>

namespace pyfops::cli {

struct SharedOption {
    unsigned group; ///< 0: of every command
    OptionInfo option;
};

/// The options that several commands have, in the order in which help shows them.
inline constexpr std::array shared_options{
    SharedOption{
        project_options,
        {"file", 'f', "FILE", "the project file (default: pyfops.yaml here or above)", Values::file}},
    SharedOption{
        selection_options,
        {"only",
         0,
         "KEY=GLOB,...",
         "only these deployments: provider=, region=, function=, slot= (a listed memory size, or auto) "
         "with * ? [..]; all keys of one --only must match, one of several --only must",
         Values::selection,
         {},
         true}},
    SharedOption{selection_options | local_option,
                 {"local", 0, {}, "use the local cloud: no account, no network, a database of its own"}},
    SharedOption{jobs_options,
                 {"jobs", 'j', "N", "deployments at a time over all providers (default: the providers')"}},
    SharedOption{database_options,
                 {"database", 0, "URL|FILE",
                  "sqlite:PATH, mariadb://user@host/name or a mariaDatabase.properties file", Values::file}},
    SharedOption{network_options,
                 {"timeout", 0, "TIME", "give up after that time: 90, 30s, 5m, 2h (default: never)"}},
    SharedOption{
        network_options,
        {"trace-http", 0, "FILE", "record every HTTP exchange (HAR, without secrets)", Values::file}},
    SharedOption{network_options,
                 {"ca-bundle", 0, "FILE", "certificates to trust beside the system's (PEM)", Values::file}},
    SharedOption{credentials_options,
                 {"credentials", 0, "FILE",
                  "credentials from a credentials.properties file of the AFCL engine", Values::file}},
    SharedOption{sandbox_options,
                 {"require-sandbox", 0, {}, "refuse to run handlers with less than the whole sandbox"}},
    SharedOption{output_options, {"json", 0, {}, "print the result as JSON (docs/cli.md has the schemas)"}},
    SharedOption{output_options, {"quiet", 'q', {}, "no progress and no notices, errors only"}},
    SharedOption{output_options,
                 {"verbose", 'v', {}, "more on stderr; twice: everything", Values::nothing, {}, true}},
    SharedOption{output_options, {"no-color", 0, {}, "no colours (as NO_COLOR and TERM=dumb do)"}},
    SharedOption{0, {"help", 'h', {}, "show this help"}},
};

} // namespace pyfops::cli
