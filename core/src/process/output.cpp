// SPDX-License-Identifier: Apache-2.0
#include "process/output.hpp"

#include <unistd.h>

#include <cerrno>

namespace pyfops::process {

namespace asio = boost::asio;

namespace {

/// A pipe holds 64 KiB unless it was enlarged, to 1 MiB at most.
constexpr int pipe_pieces = 32;

} // namespace

OutputPipe::OutputPipe(asio::any_io_executor executor, Fd read_end, Sink sink)
    : stream_(std::move(executor), read_end.release()),
      sink_(std::move(sink)) {
    stream_.native_non_blocking(true);
}

void OutputPipe::start(std::shared_ptr<void> owner) {
    stream_.async_wait(asio::posix::descriptor_base::wait_read,
                       [this, owner = std::move(owner)](const boost::system::error_code& failure) {
                           if (failure || !stream_.is_open()) return;
                           if (read_some(1))
                               start(owner);
                           else
                               close();
                       });
}

bool OutputPipe::read_some(int pieces) {
    static thread_local char buffer[65536];
    while (pieces > 0) {
        const ssize_t got = ::read(stream_.native_handle(), buffer, sizeof buffer);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return errno == EAGAIN;
        if (got == 0) return false;
        sink_(std::string_view(buffer, static_cast<std::size_t>(got)));
        --pieces;
    }
    return true;
}

void OutputPipe::read_available() {
    if (stream_.is_open()) read_some(pipe_pieces);
}

void OutputPipe::drain() {
    read_available();
    close();
}

void OutputPipe::close() noexcept {
    boost::system::error_code ignored;
    stream_.close(ignored);
}

bool append_bounded(std::string& into, std::string_view piece, std::size_t limit) {
    const std::size_t room = into.size() < limit ? limit - into.size() : 0;
    into.append(piece.substr(0, room));
    return piece.size() > room;
}

} // namespace pyfops::process
