// SPDX-License-Identifier: Apache-2.0
#include "pipeline/stage_call.hpp"

namespace pyfops {

void rethrow_from_stage(std::exception_ptr failure, const std::string& where) {
    const Error original = to_error(failure);
    // Rebuilt from strings: the original may live in a plugin's memory, and its text is redacted on the way.
    Error error(original.kind(), original.message());
    for (const std::string& context : original.contexts())
        error.context(context);
    error.context(where);
    if (original.http_status() || !original.provider_code().empty() || !original.provider_message().empty())
        error.provider(original.http_status().value_or(0), original.provider_code(),
                       original.provider_message());
    if (!original.hint().empty()) error.hint(original.hint());
    error.repeat(original.repeat());
    throw error;
}

} // namespace pyfops
