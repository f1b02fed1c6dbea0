// SPDX-License-Identifier: Apache-2.0
// The other issuer's token: from a file, or from a URL as GitHub Actions and Azure have it.
#include "credentials/tokens.hpp"

#include "pyfops/sdk/rest.hpp"
#include "pyfops/text.hpp"

namespace pyfops::google {

Task<Secret> TokenMaker::subject_token(const Credentials& credentials, const Federation& federation) {
    std::string text, where;
    if (federation.url) {
        ApiCall call;
        call.service = "identity";
        call.operation = "GetSubjectToken";
        call.url = *federation.url;
        call.headers = federation.headers;
        call.max_response_bytes = 1u << 20;
        call.secret_answer = true;
        CallNote note;
        note.credentials = credentials.source;
        Task<HttpResponse> sending = transport.send(std::move(call), {}, {}, {}, std::move(note), context);
        const HttpResponse answer = co_await std::move(sending);
        text = answer.body;
        where = federation.url->host;
    } else {
        const auto content = context.host.system.read_file(federation.file);
        if (!content)
            throw Error(ErrorKind::unauthenticated,
                        "the identity token " + federation.file + " does not exist")
                .context(credentials.source);
        text = *content;
        where = federation.file;
    }
    if (!federation.token_field.empty()) {
        try {
            text = string_or(parse_json(text, where, {.max_bytes = 1u << 20}), federation.token_field);
        } catch (const Error&) { // its words may quote the token
            text.clear();
        }
    }
    Secret token{std::string(trimmed(text))};
    if (token.empty())
        throw Error(ErrorKind::unauthenticated, where + " holds no identity token")
            .context(credentials.source)
            .hint("check 'credential_source' of the credential configuration");
    co_return token;
}

} // namespace pyfops::google
