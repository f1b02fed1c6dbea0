// SPDX-License-Identifier: Apache-2.0
#include "pyfops/emulator/state.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

#include <map>
#include <set>
#include <system_error>

namespace pyfops {

namespace fs = std::filesystem;

namespace {

/// A name that says what it is and is unique: keys may be longer than a file name and hold any character.
std::string file_name(std::string_view key) {
    std::string readable;
    for (const char c : key.substr(0, 80)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                           c == '-' || c == '_' || c == '.';
        readable += plain ? c : '_';
    }
    return readable + "-" + sha256_hex(key).substr(0, 16) + ".json";
}

bool is_digest(std::string_view text) {
    return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

/// Every text of 64 hex digits inside `value`: what may be a reference to a blob.
void collect_digests(const json::value& value, std::set<std::string, std::less<>>& into) {
    if (const auto* text = value.if_string()) {
        if (is_digest(*text)) into.emplace(std::string_view(*text));
    } else if (const auto* array = value.if_array()) {
        for (const auto& element : *array)
            collect_digests(element, into);
    } else if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            collect_digests(member.value(), into);
    }
}

} // namespace

struct EmulatorState::State {
    using Documents = std::map<std::string, json::object>;

    explicit State(fs::path where) : directory(std::move(where)) {}

    fs::path document_path(const std::string& collection, const std::string& key) const {
        return directory / "documents" / file_name(collection) / file_name(key);
    }
    fs::path blob_path(const std::string& digest) const { return directory / "blobs" / digest; }

    void load() {
        std::set<std::string, std::less<>> referenced;
        const fs::path documents = directory / "documents";
        std::error_code none;
        for (const auto& entry : fs::recursive_directory_iterator(documents, none)) {
            if (!entry.is_regular_file()) continue;
            if (entry.path().extension() != ".json") { // left by a write that was interrupted
                fs::remove(entry.path(), none);
                continue;
            }
            const auto document = parse_json(read_file(entry.path()), entry.path().string());
            const std::string collection = string_or(document, "collection");
            const auto* content = find(document, "document");
            if (collection.empty() || !content || !content->is_object())
                throw Error(ErrorKind::storage,
                            fmt::format("{} is not a document of the emulator", entry.path().string()))
                    .hint("remove the emulator's state directory to begin anew");
            collect_digests(*content, referenced);
            collections[collection][string_or(document, "key")] = content->as_object();
        }
        // What nothing refers to any more goes; nobody else uses this directory (the lock is ours).
        for (const auto& entry : fs::directory_iterator(directory / "blobs", none))
            if (!referenced.contains(entry.path().filename().string())) fs::remove(entry.path(), none);
    }

    fs::path directory;
    std::map<std::string, Documents> collections;
};

EmulatorState::EmulatorState(fs::path directory) : state_(std::make_unique<State>(std::move(directory))) {
    state_->load();
}

EmulatorState::~EmulatorState() = default;

std::optional<json::object> EmulatorState::get(const std::string& collection, const std::string& key) const {
    const auto documents = state_->collections.find(collection);
    if (documents == state_->collections.end()) return std::nullopt;
    const auto found = documents->second.find(key);
    if (found == documents->second.end()) return std::nullopt;
    return found->second;
}

void EmulatorState::put(const std::string& collection, const std::string& key, json::object document) {
    json::object file{{"collection", collection}, {"key", key}};
    file["document"] = document;
    // Keys of the emulated account are in here.
    write_file(state_->document_path(collection, key), pretty_json(file) + "\n", 0600);
    state_->collections[collection][key] = std::move(document);
}

bool EmulatorState::erase(const std::string& collection, const std::string& key) {
    const auto documents = state_->collections.find(collection);
    if (documents == state_->collections.end() || !documents->second.contains(key)) return false;
    std::error_code failure;
    fs::remove(state_->document_path(collection, key), failure);
    if (failure)
        throw Error(ErrorKind::storage, fmt::format("cannot remove a document of the emulator from {}: {}",
                                                    state_->directory.string(), failure.message()));
    documents->second.erase(key);
    return true;
}

std::vector<std::string> EmulatorState::keys(const std::string& collection, const std::string& prefix) const {
    std::vector<std::string> found;
    const auto documents = state_->collections.find(collection);
    if (documents == state_->collections.end()) return found;
    for (auto at = documents->second.lower_bound(prefix);
         at != documents->second.end() && at->first.starts_with(prefix); ++at)
        found.push_back(at->first);
    return found;
}

std::string EmulatorState::put_blob(std::string_view content) {
    std::string digest = sha256_hex(content);
    const fs::path path = state_->blob_path(digest);
    std::error_code failure;
    if (fs::file_size(path, failure) == content.size() && !failure) return digest;
    // A function that fills a bucket must not fill the machine.
    constexpr std::uintmax_t reserve = 1u << 30;
    const fs::space_info space = fs::space(state_->directory, failure);
    if (!failure && space.available < reserve + content.size())
        throw Error(ErrorKind::limit_exceeded,
                    "the local cloud keeps 1 GiB of the disk free and takes no more objects")
            .hint("remove objects, or make room on the disk");
    write_file(path, content, 0600);
    return digest;
}

Bytes EmulatorState::blob(const std::string& sha256_hex) const {
    if (!is_digest(sha256_hex))
        throw Error(ErrorKind::not_found, fmt::format("'{}' is not the name of a blob", sha256_hex));
    const fs::path path = state_->blob_path(sha256_hex);
    std::error_code failure;
    if (!fs::exists(path, failure))
        throw Error(ErrorKind::not_found, fmt::format("the emulator has no blob {}", sha256_hex));
    return Bytes(read_file(path));
}

fs::path EmulatorState::directory() const {
    return state_->directory;
}

} // namespace pyfops
