// SPDX-License-Identifier: Apache-2.0
#include "base/printable.hpp"
#include "packaging/paths.hpp"
#include "pyfops/error.hpp"
#include "pyfops/package.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <locale.h>

#include <algorithm>
#include <memory>

namespace pyfops {
namespace {

struct FreeArchive {
    void operator()(archive* zip) const { archive_read_free(zip); }
};

/// libarchive passes names through the locale of the thread, and in "C" loses what is not ASCII.
class Utf8Locale {
  public:
    Utf8Locale() : made_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)) {
        if (made_) before_ = ::uselocale(made_);
    }
    ~Utf8Locale() {
        if (!made_) return;
        ::uselocale(before_);
        ::freelocale(made_);
    }
    Utf8Locale(const Utf8Locale&) = delete;
    Utf8Locale& operator=(const Utf8Locale&) = delete;

  private:
    locale_t made_;
    locale_t before_ = nullptr;
};

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorKind::invalid_input, "the archive cannot be used: " + why);
}

std::string read_entry(archive* zip, std::size_t declared, std::size_t left, const std::string& path) {
    std::string content;
    // What an entry declares is a hint, not a promise.
    content.reserve(std::min({declared, left, std::size_t{64} << 20}));
    for (;;) {
        const void* block = nullptr;
        std::size_t size = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(zip, &block, &size, &offset);
        if (status == ARCHIVE_EOF) return content;
        if (status != ARCHIVE_OK || static_cast<std::size_t>(offset) != content.size())
            refuse(fmt::format("'{}' is damaged", printable(path)));
        if (size > left - content.size()) refuse("it unpacks to more than is allowed");
        content.append(static_cast<const char*>(block), size);
    }
}

} // namespace

SourceTree read_zip(std::string_view bytes, std::size_t max_unzipped, std::size_t max_files) {
    const Utf8Locale names;
    const std::unique_ptr<archive, FreeArchive> zip(archive_read_new());
    if (!zip) throw std::bad_alloc();
    archive_read_support_format_zip_seekable(zip.get());
    archive_read_set_options(zip.get(), "zip:hdrcharset=UTF-8");
    if (archive_read_open_memory(zip.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
        refuse("it is not a zip");

    SourceTree tree;
    std::size_t left = max_unzipped;
    std::size_t entries = 0;
    for (;;) {
        archive_entry* entry = nullptr;
        const int status = archive_read_next_header(zip.get(), &entry);
        if (status == ARCHIVE_EOF) break;
        // A warning says that a name has no form in the process's locale; the UTF-8 form below is what
        // counts.
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            const char* why = archive_error_string(zip.get());
            refuse(why ? printable(why) : "it is not a zip");
        }
        if (++entries > max_files) refuse(fmt::format("it has more than {} entries", max_files));
        const char* name = archive_entry_pathname_utf8(entry);
        if (!name) refuse("an entry has a name that is not UTF-8");
        std::string path = name;
        if (archive_entry_filetype(entry) == AE_IFDIR) {
            while (path.ends_with('/'))
                path.pop_back();
            packaging::check_path(path);
            continue;
        }
        if (archive_entry_filetype(entry) != AE_IFREG)
            refuse(fmt::format("'{}' is a link or a special file", printable(path)));
        if (archive_entry_is_encrypted(entry)) refuse(fmt::format("'{}' is encrypted", printable(path)));
        packaging::check_path(path);
        const std::size_t declared =
            archive_entry_size_is_set(entry) ? static_cast<std::size_t>(archive_entry_size(entry)) : 0;
        SourceFile file{read_entry(zip.get(), declared, left, path), (archive_entry_perm(entry) & 0100) != 0};
        left -= file.content.size();
        if (tree.find(path)) refuse(fmt::format("'{}' is in it twice", printable(path)));
        tree.add(path, std::move(file));
    }
    return tree;
}

} // namespace pyfops
