// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/deployment.hpp"
#include "pyfops/json.hpp"

#include <cstddef>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace pyfops::conformance {

/// A failure in the provider's own form, as the fault plan of the local cloud makes it.
struct Refusal {
    int status = 0;
    std::string code; ///< of the provider; "": the face's own for that status
};

/// How a function that was stopped is told from one that failed.
struct Ending {
    std::set<FunctionError::Cause> causes; ///< of the function error; empty: the platform's error is thrown
};

/// All that the suite must know of a provider. What is left out is what a good provider does. Operations are
/// shell globs over their names ("lambda:Update*"), by which plugin and face call them alike.
struct Quirks {
    std::string provider; ///< "aws"
    std::string region;
    std::string second_region;
    json::object settings;                          ///< `providers.<id>` of a project
    std::map<std::string, std::string> environment; ///< beside what the local cloud gives its clients
    /// Variables of that environment, and of the local cloud's, whose values must be in no message.
    std::vector<std::string> secrets;
    /// The same for files: a variable that names a JSON object, and members of it that are secret.
    std::map<std::string, std::vector<std::string>> secret_files;

    // ---- operations
    std::string create; ///< makes the function
    std::string invoke;
    std::string list;               ///< a page of deployments
    std::vector<std::string> reads; ///< change nothing although they are no GET or HEAD; tokens included
    std::vector<std::string> code;  ///< carry the function's code
    /// The write calls, in their order, that new code needs, and new memory or a new timeout by `configure`.
    std::vector<std::string> changed_code;
    std::vector<std::string> changed_memory;
    std::vector<std::string> changed_timeout;

    // ---- sizes
    int memory_mb = 128;          ///< of the functions; small, because one is filled
    int more_memory_mb = 256;     ///< to change to
    int short_timeout = 1;        ///< seconds, of the function that is let run out of time
    int ample_timeout = 20;       ///< of the one that is stopped for another reason; the clock runs fast here
    std::size_t event_bytes = 0;  ///< largest event that is tried; 0: as Provider::offer says
    std::size_t answer_bytes = 0; ///< largest answer that is tried; 0: as Provider::offer says
    int pages_size = 2;           ///< deployments a page, for the setting `pages.size`

    // ---- failures
    Refusal throttled{429, ""};
    Refusal server_error{500, ""};
    Refusal unauthenticated{401, ""};
    Refusal forbidden{403, ""};
    bool corrects_clock = true; ///< a wrong clock of this machine does not matter; else the person is told
    Ending timed_out{{FunctionError::Cause::timed_out}};
    Ending out_of_memory{{FunctionError::Cause::out_of_memory}};
    Ending exited{{FunctionError::Cause::exited}};
    Ending answer_too_large{{FunctionError::Cause::bad_answer}};

    // ---- the local cloud
    json::object cloud; ///< settings of every fault plan: short durations
    json::object slow_states{{"states.slow_ms", 500}};
    json::object failing_states{{"states.fail", "out of order"}};
    /// What the provider tells of a failed state, one of them; empty: the text of `states.fail`.
    std::vector<std::string> failing_words;
    json::object deleting_states{{"states.deleting_ms", 500}};
    /// A project's resources are in a room of their own, where no other project's can have their names.
    bool projects_apart = false;
    /// The account makes a name longer than can be known without credentials: it begins as it was resolved.
    bool extends_names = false;
    /// After this operation something is still being deleted; "": after the first write call of a removal.
    std::string begins_deleting;
    /// What hides the mark in an answer's text, so that a resource looks like somebody else's.
    std::vector<std::pair<std::string, std::string>> hidden_mark{{"pyfops", "others"}, {"PYFOPS", "OTHERS"}};
    /// Beginnings of "<collection>/<key>" of documents that are no resources of a user.
    std::vector<std::string> kept_documents;

    /// Checks that do not apply, by id, and why: a sentence.
    std::map<std::string, std::string> not_applicable;
};

} // namespace pyfops::conformance
