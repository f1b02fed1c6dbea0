// SPDX-License-Identifier: Apache-2.0
#include "packaging/deflate.hpp"

#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"

#include <zlib.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <limits>
#include <thread>

namespace pyfops::packaging {
namespace {

constexpr int level = 6;
constexpr int memory_level = 8;

Bytef* bytes_of(std::string_view text) {
    return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

std::uint32_t crc_of(std::string_view content) {
    return static_cast<std::uint32_t>(::crc32_z(0, bytes_of(content), content.size()));
}

std::string deflate_raw(std::string_view content) {
    z_stream stream{};
    if (::deflateInit2(&stream, level, Z_DEFLATED, -MAX_WBITS, memory_level, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::bad_alloc();
    std::string out(::deflateBound(&stream, content.size()), '\0');
    stream.next_in = bytes_of(content);
    stream.avail_in = static_cast<uInt>(content.size());
    stream.next_out = bytes_of(out);
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    ::deflateEnd(&stream);
    if (status != Z_STREAM_END) throw Error(ErrorKind::internal, "zlib did not finish a file");
    return out;
}

} // namespace

PackedFile pack_file(const SourceFile& file) {
    const std::string_view content = file.content.view();
    if (content.size() > std::numeric_limits<std::uint32_t>::max() / 2)
        throw Error(ErrorKind::limit_exceeded, "a file of more than 2 GiB cannot be packaged");
    PackedFile packed;
    packed.size = content.size();
    packed.crc32 = crc_of(content);
    packed.sha256 = sha256(content);
    packed.executable = file.executable;
    std::string deflated = content.empty() ? std::string() : deflate_raw(content);
    packed.stored = content.empty() || deflated.size() >= content.size();
    packed.deflated = packed.stored ? file.content : Bytes(std::move(deflated));
    return packed;
}

std::map<std::string, PackedFile> pack_tree(const SourceTree& tree, unsigned threads) {
    std::map<std::string, PackedFile> packed;
    std::vector<std::pair<const SourceFile*, PackedFile*>> work;
    for (const auto& [path, file] : tree.files())
        work.emplace_back(&file, &packed[path]);
    // The biggest first: a thread that finds the last big file would otherwise work on alone.
    std::ranges::stable_sort(work, std::ranges::greater(),
                             [](const auto& item) { return item.first->content.size(); });

    std::atomic<std::size_t> next = 0;
    const auto drain = [&](std::exception_ptr& failure) {
        try {
            for (std::size_t i; (i = next++) < work.size();)
                *work[i].second = pack_file(*work[i].first);
        } catch (...) {
            failure = std::current_exception();
        }
    };
    // Threads are worth their start from some hundred kilobytes on.
    const std::size_t useful = 1 + tree.total_bytes() / (256u << 10);
    const std::size_t helpers = std::min({useful, std::size_t{std::max(threads, 1u)}, work.size()});
    std::vector<std::exception_ptr> failures(std::max<std::size_t>(helpers, 1));
    {
        std::vector<std::jthread> pool;
        for (std::size_t i = 1; i < helpers; ++i)
            pool.emplace_back([&drain, &failure = failures[i]] { drain(failure); });
        drain(failures[0]);
    }
    for (const std::exception_ptr& failure : failures)
        if (failure) std::rethrow_exception(failure);
    return packed;
}

std::string unpack_file(const PackedFile& file) {
    if (file.stored) return std::string(file.deflated.view());
    std::string out(file.size, '\0');
    z_stream stream{};
    if (::inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
    stream.next_in = bytes_of(file.deflated.view());
    stream.avail_in = static_cast<uInt>(file.deflated.size());
    stream.next_out = bytes_of(out);
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = ::inflate(&stream, Z_FINISH);
    const bool whole = status == Z_STREAM_END && stream.total_out == file.size;
    ::inflateEnd(&stream);
    if (!whole || crc_of(out) != file.crc32) throw Error(ErrorKind::internal, "a packed file is damaged");
    return out;
}

std::string deflate_identity() {
    return std::string("deflate-1 zlib-") + ::zlibVersion();
}

} // namespace pyfops::packaging
