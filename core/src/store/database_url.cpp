// SPDX-License-Identifier: Apache-2.0
#include "pyfops/store.hpp"

#include "base/java_properties.hpp"

#include "pyfops/diagnostics.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "pyfops/text.hpp"

#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <fmt/format.h>

namespace pyfops {
namespace {

constexpr std::string_view forms = "write sqlite:PATH, mariadb://USER@HOST[:PORT]/NAME, or the path of a "
                                   "mariaDatabase.properties file";

Error invalid(std::string message, std::string_view hint = forms) {
    return Error(ErrorKind::invalid_input, std::move(message)).hint(std::string(hint));
}

std::uint16_t port_number(std::string_view text, std::string_view where) {
    const long long port = to_integer(text).value_or(0);
    if (port < 1 || port > 65535) throw invalid(fmt::format("{}: '{}' is not a port number", where, text));
    return static_cast<std::uint16_t>(port);
}

std::string encoded(std::string_view text) {
    return boost::urls::encode(text, boost::urls::unreserved_chars);
}

/// The part between user and host, hidden, so that a URL that does not parse can be shown.
std::string shown(std::string_view text) {
    const auto start = text.find("://");
    const auto at = text.rfind('@');
    if (start == std::string_view::npos || at == std::string_view::npos || at < start)
        return std::string(text);
    const auto colon = text.find(':', start + 3);
    if (colon == std::string_view::npos || colon > at) return std::string(text);
    return fmt::format("{}:***{}", text.substr(0, colon), text.substr(at));
}

void take_query(const boost::urls::url_view& parsed, const std::filesystem::path& base, DatabaseUrl& url) {
    for (const auto& parameter : parsed.params()) {
        const std::string value = parameter.has_value ? std::string(parameter.value) : "";
        if (parameter.key == "socket" && !value.empty())
            url.socket = (base / value).lexically_normal().string();
        else if (parameter.key == "sslca" && !value.empty())
            url.ssl_ca = (base / value).lexically_normal().string();
        else
            throw invalid(fmt::format("a database URL has no parameter '{}'", std::string(parameter.key)),
                          "only socket=/path and sslca=/path are known");
    }
}

DatabaseUrl parse_mariadb(std::string_view text, const std::filesystem::path& base) {
    const auto result = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    if (!result)
        throw invalid(fmt::format("'{}' is not a database URL", shown(text)),
                      "characters such as @ : / ? # % in user or password are written as %XX");
    const boost::urls::url_view& parsed = result.value();
    DatabaseUrl url;
    url.kind = DatabaseUrl::Kind::mariadb;
    url.user = parsed.user();
    url.host = parsed.host_address();
    if (parsed.has_port()) {
        const std::string port(parsed.port());
        url.port = port_number(port, shown(text));
    }
    if (parsed.has_password()) {
        url.password = Secret(std::string(parsed.password()));
        url.password_in_url = true;
    }
    const auto segments = parsed.segments();
    if (segments.size() == 1) url.name = std::string(*segments.begin());
    take_query(parsed, base, url);
    if (url.host.empty()) url.host = "localhost";
    if (url.user.empty() || url.name.empty() || segments.size() != 1)
        throw invalid(fmt::format("'{}' names no {}", shown(text), url.user.empty() ? "user" : "database"));
    return url;
}

DatabaseUrl parse_properties(const std::filesystem::path& file, const System& system) {
    const auto content = system.read_file(file);
    if (!content) throw invalid(fmt::format("the database file {} does not exist", file.string()));
    auto values = parse_java_properties(*content);
    DatabaseUrl url;
    url.kind = DatabaseUrl::Kind::mariadb;
    const auto take = [&](const char* key, bool needed) {
        const std::string value = values[key];
        if (needed && value.empty())
            throw invalid(fmt::format("{} has no '{}'", file.string(), key),
                          "it needs host, port, database, username and password");
        return value;
    };
    url.host = take("host", true);
    url.name = take("database", true);
    url.user = take("username", true);
    if (const std::string port = take("port", false); !port.empty())
        url.port = port_number(port, file.string());
    if (const std::string password = take("password", false); !password.empty())
        url.password = Secret(password);
    return url;
}

Secret password_from(const System& system) {
    if (const auto value = system.variable("PYFOPS_DB_PASSWORD"); value && !value->empty())
        return Secret(*value);
    const auto path = system.variable("PYFOPS_DB_PASSWORD_FILE");
    if (!path || path->empty()) return {};
    auto content = system.read_file(*path);
    if (!content)
        throw invalid(fmt::format("PYFOPS_DB_PASSWORD_FILE names {}, which does not exist", *path),
                      "write the password into that file, or unset the variable");
    while (!content->empty() && (content->back() == '\n' || content->back() == '\r'))
        content->pop_back();
    return Secret(std::move(*content));
}

} // namespace

DatabaseUrl DatabaseUrl::parse(std::string_view text, const std::filesystem::path& base,
                               const System& system) {
    DatabaseUrl url;
    if (text.starts_with("sqlite:")) {
        std::string_view path = text.substr(7);
        if (path.starts_with("//")) path.remove_prefix(2); // sqlite:///abs/olute
        if (path.empty()) throw invalid(fmt::format("'{}' names no file", text));
        url.path = (base / path).lexically_normal();
        return url;
    }
    if (text.starts_with("mariadb://")) {
        url = parse_mariadb(text, base);
    } else if (text.find("://") != std::string_view::npos) {
        const std::string scheme(text.substr(0, text.find("://")));
        const bool mysql = scheme == "mysql" || scheme == "jdbc:mariadb" || scheme == "jdbc:mysql";
        throw invalid(fmt::format("a database URL cannot start with '{}://'", scheme),
                      mysql ? std::string("did you mean 'mariadb://'?") : forms);
    } else if (text.ends_with(".properties")) {
        url = parse_properties((base / text).lexically_normal(), system);
    } else {
        const bool file = text.ends_with(".db") || text.ends_with(".sqlite") || text.ends_with(".sqlite3");
        throw invalid(fmt::format("'{}' is no database", text),
                      file ? fmt::format("did you mean 'sqlite:{}'?", text) : std::string(forms));
    }
    if (url.password.empty()) url.password = password_from(system);
    return url;
}

std::string DatabaseUrl::str() const {
    if (kind == Kind::sqlite) return "sqlite:" + path.string();
    std::string text =
        fmt::format("mariadb://{}@{}:{}/{}", encoded(user),
                    host.find(':') == std::string::npos ? host : "[" + host + "]", port, encoded(name));
    if (!socket.empty()) text += "?socket=" + socket;
    return text;
}

} // namespace pyfops
