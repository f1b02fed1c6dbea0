// SPDX-License-Identifier: Apache-2.0
#include "http/http1.hpp"

#include "http/fields.hpp"

#include "pyfops/error.hpp"
#include "pyfops/version.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <fmt/format.h>

namespace pyfops {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::system::error_code;
using Parser = http::response_parser<http::string_body>;

namespace {

constexpr std::size_t small_read = 16u << 10;
constexpr std::size_t large_read = 128u << 10;
constexpr std::uint32_t max_header = 128u << 10;
constexpr int max_interim = 20;

/// Of a request line or a Host field.
bool has_no_gap(std::string_view text) {
    return is_field_value(text) && text.find_first_of(" \t") == std::string_view::npos;
}

bool same(std::string_view a, std::string_view b) {
    return beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

} // namespace

std::string request_head(const HttpRequest& request, bool proxied, const std::string& proxy_authorization) {
    const auto refuse = [&](std::string_view what) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("the request to {} cannot be sent: {}", request.url.authority(), what));
    };
    if (!is_token(request.method)) refuse("its method is not a word");
    if (!request.url.target.starts_with('/') || !has_no_gap(request.url.target))
        refuse("its path has a space or a control character, or does not begin with '/'");
    if (request.url.host.empty() || !has_no_gap(request.url.host)) refuse("it names no host");
    std::string head =
        fmt::format("{} {}{} HTTP/1.1\r\n", request.method,
                    proxied ? request.url.scheme + "://" + request.url.authority() : "", request.url.target);
    if (!request.headers.has("Host")) head += fmt::format("Host: {}\r\n", request.url.authority());
    if (!request.headers.has("User-Agent")) head += "User-Agent: pyfops/" PYFOPS_VERSION "\r\n";
    for (const HttpHeader& field : request.headers) {
        if (!is_token(field.name)) refuse(fmt::format("'{}' is no field name", field.name));
        if (!is_field_value(field.value))
            refuse(fmt::format("the value of {} has a line end or another control character", field.name));
        if (same(field.name, "Content-Length")) continue;
        if (same(field.name, "Connection") || same(field.name, "Transfer-Encoding") ||
            same(field.name, "Expect"))
            refuse(fmt::format("the field {} is the client's", field.name));
        head += fmt::format("{}: {}\r\n", field.name, field.value);
    }
    if (!request.body.empty() || request.method == "POST" || request.method == "PUT" ||
        request.method == "PATCH")
        head += fmt::format("Content-Length: {}\r\n", request.body.size());
    if (!proxy_authorization.empty()) head += fmt::format("Proxy-Authorization: {}\r\n", proxy_authorization);
    head += "\r\n";
    return head;
}

namespace {

/// Feeds the parser up to its end.
Task<error_code> parse(ByteStream& stream, beast::flat_buffer& buffer, Parser& parser, Reading& reading) {
    error_code failure;
    bool need_more = buffer.size() == 0;
    while (!parser.is_done()) {
        if (!need_more) {
            buffer.consume(parser.put(buffer.data(), failure));
            if (failure && failure != http::error::need_more) co_return failure;
            need_more = failure == http::error::need_more || buffer.size() == 0;
            continue;
        }
        const auto space = buffer.prepare(parser.is_header_done() ? large_read : small_read);
        auto receiving = stream.read_some(static_cast<char*>(space.data()), space.size());
        const Transfer got = co_await std::move(receiving);
        buffer.commit(got.bytes);
        reading.begun = reading.begun || got.bytes > 0;
        need_more = buffer.size() == 0;
        if (!got.failure) continue;
        if (got.failure != asio::error::eof) co_return got.failure;
        if (!reading.begun) co_return got.failure;
        failure = {};
        parser.put_eof(failure); // the end of a body that is as long as its connection
        co_return failure;
    }
    co_return error_code();
}

} // namespace

Task<void> read_answer(ByteStream& stream, Reading& reading, ReadLimits limits, HttpResponse& answer) {
    beast::flat_buffer buffer;
    for (int interim = 0; interim < max_interim; ++interim) {
        Parser parser;
        parser.eager(true);
        parser.skip(limits.head_only);
        parser.header_limit(max_header);
        parser.body_limit(limits.max_body);
        auto parsing = parse(stream, buffer, parser, reading);
        reading.failure = co_await std::move(parsing);
        reading.too_large =
            reading.failure == http::error::body_limit || reading.failure == http::error::header_limit;
        if (reading.failure) co_return;
        const unsigned status = parser.get().result_int();
        if (status / 100 == 1 && status != 101) continue;
        answer.status = static_cast<int>(status);
        for (const auto& field : parser.get())
            answer.headers.add({field.name_string().data(), field.name_string().size()},
                               {field.value().data(), field.value().size()});
        answer.body = std::move(parser.get().body());
        // What came behind the answer belongs to nothing: such a connection is not used again.
        reading.keep_alive =
            parser.get().keep_alive() && !parser.need_eof() && buffer.size() == 0 && status != 101;
        co_return;
    }
    reading.failure = http::error::bad_status;
}

} // namespace pyfops
