// SPDX-License-Identifier: Apache-2.0
#include "http/har.hpp"

#include "pyfops/scrub.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/json.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/utf8.hpp"
#include "pyfops/version.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace pyfops {

namespace {

constexpr std::size_t most_parsed = 4u << 20;  // a larger body is not looked at
constexpr std::size_t most_shown = 256u << 10; // of one body
constexpr std::string_view tail = "\n]}}\n";

/// What JSON and its readers show: UTF-8 without control characters.
bool readable(std::string_view text) {
    const auto control = [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    };
    return std::none_of(text.begin(), text.end(), control) && !first_invalid_utf8(text);
}

std::string shortened(std::string text) {
    if (text.size() <= most_shown) return text;
    return std::string(cut_utf8(text, most_shown)) + "...";
}

/// {"mimeType", "text"} or a comment in place of the text.
json::object content(std::string_view body, const std::string& type, bool secret) {
    json::object out;
    out["mimeType"] = type.empty() ? "application/octet-stream" : type;
    if (body.empty())
        out["text"] = "";
    else if (secret || body.size() > most_parsed || !readable(body))
        out["comment"] = fmt::format("{} bytes, sha256 {}", body.size(), sha256_hex(body));
    else
        out["text"] = shortened(scrub_body(body, type));
    return out;
}

json::array fields(const HttpHeaders& headers) {
    json::array out;
    for (const HttpHeader& field : headers) {
        const bool hide = field.sensitive || sensitive_name(field.name);
        // Bytes beyond ASCII have no defined meaning in a field.
        const std::string value = hide ? "***" : readable(field.value) ? scrub(field.value) : "(not text)";
        out.push_back({{"name", scrub(field.name)}, {"value", value}});
    }
    return out;
}

json::array parameters(std::string_view query) {
    json::array out;
    const std::string clean = scrub_query(query);
    for (std::string_view rest = clean; !rest.empty();) {
        const std::size_t end = std::min(rest.find('&'), rest.size());
        const std::string_view field = rest.substr(0, end);
        const std::size_t equals = std::min(field.find('='), field.size());
        const std::string value(field.substr(std::min(equals + 1, field.size())));
        out.push_back({{"name", std::string(field.substr(0, equals))}, {"value", value}});
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return out;
}

std::string clean_path(std::string_view path) {
    std::string out;
    while (!path.empty()) { // segment by segment: one may be an encoded secret
        const std::size_t end = std::min(path.find('/', 1), path.size());
        out += path.front() == '/' ? "/" + scrub(path.substr(1, end - 1)) : scrub(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

std::string clean_url(const Url& url) {
    std::string out = url.scheme + "://" + redact(url.authority()) + clean_path(url.path());
    if (!url.query().empty()) out += "?" + scrub_query(url.query());
    return out;
}

json::object request_object(const HttpRequest& request) {
    json::object out{{"method", request.method},
                     {"url", clean_url(request.url)},
                     {"httpVersion", "HTTP/1.1"},
                     {"cookies", json::array()},
                     {"headers", fields(request.headers)},
                     {"queryString", parameters(request.url.query())},
                     {"headersSize", -1},
                     {"bodySize", request.body.size()}};
    if (!request.body.empty()) {
        json::object post =
            content(request.body.view(), request.headers.get("Content-Type"), request.secret_body);
        post["params"] = json::array();
        if (!post.contains("text")) post["text"] = "";
        out["postData"] = std::move(post);
    }
    return out;
}

json::object response_object(const HttpResponse* response, bool secret) {
    json::object body = response ? content(response->body, response->headers.get("Content-Type"), secret)
                                 : json::object{{"mimeType", "x-unknown"}};
    body["size"] = response ? response->body.size() : 0;
    return {{"status", response ? response->status : 0},
            {"statusText", ""},
            {"httpVersion", "HTTP/1.1"},
            {"cookies", json::array()},
            {"headers", response ? fields(response->headers) : json::array()},
            {"content", std::move(body)},
            {"redirectURL", response ? scrub(response->headers.get("Location")) : ""},
            {"headersSize", -1},
            {"bodySize", response ? static_cast<std::int64_t>(response->body.size()) : -1}};
}

double milliseconds(SteadyTime from, SteadyTime to) {
    return to > from ? std::chrono::duration<double, std::milli>(to - from).count() : 0;
}

std::string with_milliseconds(SystemTime time) {
    std::string text = to_iso8601(time);
    const auto part = std::chrono::duration_cast<Milliseconds>(time.time_since_epoch()).count() % 1000;
    text.insert(text.size() - 1, fmt::format(".{:03}", part < 0 ? part + 1000 : part));
    return text;
}

bool write_at(int fd, std::string_view data, std::int64_t at) {
    while (!data.empty()) {
        const ssize_t count = ::pwrite(fd, data.data(), data.size(), at);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        data.remove_prefix(static_cast<std::size_t>(count));
        at += count;
    }
    return true;
}

} // namespace

HarTrace::HarTrace(const std::filesystem::path& file)
    : file_(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {
    const std::string head =
        fmt::format(R"({{"log":{{"version":"1.2","creator":{{"name":"pyfops","version":"{}"}},"entries":[)",
                    PYFOPS_VERSION);
    if (!file_ || ::fchmod(file_.get(), 0600) != 0 || !write_at(file_.get(), head + std::string(tail), 0)) {
        throw Error(ErrorKind::invalid_input,
                    fmt::format("cannot write the HTTP trace {}: {}", file.string(), std::strerror(errno)))
            .hint("name a file in a directory that exists and that you may write to");
    }
    end_ = static_cast<std::int64_t>(head.size());
}

bool HarTrace::add(const HttpRequest& request, const HttpResponse* response, std::string_view failure,
                   const ExchangeTimes& times) noexcept {
    try {
        const SteadyTime connected = std::max(times.begin, times.connected);
        const SteadyTime sent = std::max(connected, times.sent);
        json::object entry{{"startedDateTime", with_milliseconds(times.started)},
                           {"time", milliseconds(times.begin, times.end)},
                           {"request", request_object(request)},
                           {"response", response_object(response, request.secret_answer)},
                           {"cache", json::object()},
                           {"timings",
                            {{"connect", times.reused ? -1 : milliseconds(times.begin, connected)},
                             {"send", milliseconds(connected, sent)},
                             {"wait", milliseconds(sent, times.end)},
                             {"receive", 0}}},
                           {"_operation", scrub(request.operation)}};
        if (!failure.empty()) entry["_error"] = redact(failure);
        const std::string text = (empty_ ? "\n" : ",\n") + json::serialize(entry);
        if (!write_at(file_.get(), text + std::string(tail), end_)) return false;
        end_ += static_cast<std::int64_t>(text.size());
        empty_ = false;
        return true;
    } catch (...) {
        return false;
    }
}

} // namespace pyfops
