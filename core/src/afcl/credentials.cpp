// SPDX-License-Identifier: Apache-2.0
// The AFCL engine's credentials.properties.
#include "pyfops/afcl.hpp"

#include "base/java_properties.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/secret.hpp"
#include "pyfops/text.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <set>
#include <utility>

namespace pyfops {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_bytes = 1u << 20;

/// What the file says, laid over another environment; variables that would mix with it are hidden.
class LayeredSystem final : public System {
  public:
    explicit LayeredSystem(const System& base) : base_(base) {}

    void set(const std::string& name, std::string value) { own_[name] = Secret(std::move(value)); }
    /// For a path: it may be shown.
    void set_plain(const std::string& name, std::string value) { plain_[name] = std::move(value); }
    void hide(const std::string& name) { hidden_.insert(name); }
    /// A file that exists for readers of this System only.
    void put_file(const fs::path& path, std::string content) {
        files_[path.string()] = Secret(std::move(content));
    }
    void protect(std::string value) { secrets_.emplace_back(std::move(value)); }

    std::optional<std::string> variable(std::string_view name) const override {
        if (const auto found = own_.find(name); found != own_.end()) return found->second.expose();
        if (const auto found = plain_.find(name); found != plain_.end()) return found->second;
        if (hidden_.contains(name)) return std::nullopt;
        return base_.variable(name);
    }
    std::map<std::string, std::string> variables() const override {
        auto all = base_.variables();
        for (const std::string& name : hidden_)
            all.erase(name);
        for (const auto& [name, value] : own_)
            all[name] = value.expose();
        for (const auto& [name, value] : plain_)
            all[name] = value;
        return all;
    }
    std::optional<std::string> read_file(const fs::path& path, std::size_t max_bytes) const override {
        if (const auto found = files_.find(path.string()); found != files_.end())
            return found->second.expose();
        return base_.read_file(path, max_bytes);
    }
    fs::path home() const override { return base_.home(); }
    fs::path cache_directory() const override { return base_.cache_directory(); }

  private:
    const System& base_;
    std::map<std::string, Secret, std::less<>> own_;
    std::map<std::string, std::string, std::less<>> plain_;
    std::set<std::string, std::less<>> hidden_;
    std::map<std::string, Secret, std::less<>> files_;
    std::vector<Secret> secrets_;
};

/// Java's reader turns the \n inside a key that stands on one line into line ends, which JSON does not allow
/// in its texts.
std::string with_escaped_line_ends(std::string_view text) {
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\n') {
            out += "\\n";
            continue;
        }
        out += c;
        if (quoted && c == '\\' && i + 1 < text.size())
            out += text[++i];
        else if (c == '"')
            quoted = !quoted;
    }
    return out;
}

class Reader {
  public:
    Reader(fs::path file, const System& base)
        : file_(fs::absolute(std::move(file))),
          base_(base),
          layer_(std::make_unique<LayeredSystem>(base)) {}

    EngineCredentials read() {
        const auto text = base_.read_file(file_, most_bytes);
        if (!text)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("there is no credentials file {}", file_.string()))
                .hint("name the credentials.properties of the AFCL engine with --credentials");
        values_ = parse_java_properties(*text);
        warn_of_readers();
        take_aws();
        take_ibm();
        take_google();
        take_azure();
        for (const auto& [key, value] : values_)
            warn(fmt::format("the key '{}' is not known and is left out", key));
        if (result_.used.empty()) warn("it holds nothing that a provider could use");
        result_.system = std::move(layer_);
        return std::move(result_);
    }

  private:
    void warn(const std::string& what) {
        result_.warnings.push_back(fmt::format("{}: {}", file_.string(), what));
    }

    void warn_of_readers() {
        struct stat status {};
        if (::stat(file_.c_str(), &status) == 0 && (status.st_mode & (S_IRGRP | S_IROTH)) != 0)
            warn(fmt::format("other users of this machine may read it; run 'chmod 600 {}'", file_.string()));
    }

    /// The value, and the key is dealt with; "" when it is absent or empty.
    std::string take(const std::string& key) {
        const auto found = values_.find(key);
        if (found == values_.end()) return {};
        const std::string value(trimmed(found->second));
        values_.erase(found);
        if (!value.empty()) result_.used.push_back(key);
        if (key != "google_sa_key" || value.starts_with('{')) layer_->protect(value);
        return value;
    }

    /// The engine and the library that it calls by read two spellings; a file for both holds both.
    std::string take_either(const std::string& one, const std::string& other) {
        const std::string first = take(one), second = take(other);
        if (!first.empty() && !second.empty() && first != second)
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{}: '{}' and '{}' have different values", file_.string(), one, other))
                .hint("give both the same value, or keep one of them");
        return first.empty() ? second : first;
    }

    void unusable(const std::string& key, const std::string& why) {
        std::erase(result_.used, key);
        warn(fmt::format("'{}' cannot be used: {}", key, why));
    }

    void take_aws() {
        const std::string id = take_either("aws_access_key", "aws_access_key_id");
        const std::string key = take_either("aws_secret_key", "aws_secret_access_key");
        const std::string token = take("aws_session_token");
        if (id.empty() && key.empty() && token.empty()) return;
        if (id.empty() || key.empty())
            throw Error(ErrorKind::invalid_input,
                        fmt::format("{} has no {}", file_.string(),
                                    id.empty() ? "aws_access_key_id" : "aws_secret_access_key"))
                .hint("an access key of AWS has both parts: add the other one, or remove this one");
        layer_->set("AWS_ACCESS_KEY_ID", id);
        layer_->set("AWS_SECRET_ACCESS_KEY", key);
        // A token belongs to its key: that of another key in the environment would break this one.
        for (const char* name : {"AWS_SESSION_TOKEN", "AWS_SECURITY_TOKEN", "AWS_CREDENTIAL_EXPIRATION"})
            layer_->hide(name);
        if (!token.empty()) layer_->set("AWS_SESSION_TOKEN", token);
    }

    /// The engine sends it as it is for "Basic", so it may be the encoded form of user:password.
    void take_ibm() {
        std::string key = take("ibm_api_key");
        if (key.empty()) return;
        if (key.find(':') == std::string::npos) {
            try {
                const std::string decoded = base64_decode(key);
                if (decoded.find(':') != std::string::npos) key = decoded;
            } catch (const Error&) { // it was no base64
            }
        }
        constexpr std::string_view code_engine =
            "it is a key of IBM Cloud Functions, and Code Engine takes none of these; export "
            "CODE_ENGINE_APIKEY with an API key of IBM Cloud";
        if (key.find(':') == std::string::npos) return unusable("ibm_api_key", std::string(code_engine));
        layer_->protect(key);
        layer_->set("__OW_API_KEY", key);
        warn(fmt::format("'ibm_api_key' serves OpenWhisk only: {}", code_engine));
    }

    void take_google() {
        const std::string key = take("google_sa_key");
        if (key.empty()) return;
        if (!key.starts_with('{')) {
            const fs::path path = file_.parent_path() / key;
            std::error_code failure;
            if (!fs::is_regular_file(path, failure))
                return unusable("google_sa_key", "it is neither the JSON of a service account's key nor the "
                                                 "path of a file with it");
            layer_->set_plain("GOOGLE_APPLICATION_CREDENTIALS", path.string());
            return;
        }
        const std::string text = with_escaped_line_ends(key);
        try {
            const json::value account = parse_json(text, "google_sa_key");
            layer_->protect(string_or(account, "private_key"));
        } catch (const Error& error) {
            return unusable("google_sa_key", redact(error.message()));
        }
        const fs::path name = file_.string() + "#google_sa_key";
        layer_->put_file(name, text);
        layer_->set_plain("GOOGLE_APPLICATION_CREDENTIALS", name.string());
    }

    void take_azure() {
        if (!take("azure_key").empty())
            unusable("azure_key", "it is the key of deployed functions, and deploying takes a service "
                                  "principal; export AZURE_TENANT_ID, AZURE_CLIENT_ID and "
                                  "AZURE_CLIENT_SECRET, or run 'az login'");
    }

    fs::path file_;
    const System& base_;
    std::unique_ptr<LayeredSystem> layer_;
    std::map<std::string, std::string> values_;
    EngineCredentials result_;
};

} // namespace

EngineCredentials read_engine_credentials(const fs::path& file, const System& base) {
    return Reader(file, base).read();
}

} // namespace pyfops
