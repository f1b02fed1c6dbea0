// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "process/child.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace pyfops::process {

/// Reads a pipe piece by piece. It waits for readiness and reads itself, so that `drain` at the end of the
/// process gets the pieces in order.
class OutputPipe {
  public:
    using Sink = std::function<void(std::string_view)>;
    OutputPipe(boost::asio::any_io_executor executor, Fd read_end, Sink sink);

    /// `owner` is kept alive while a read is pending.
    void start(std::shared_ptr<void> owner);
    /// Takes what is there now, within bounds: a flood does not keep us here.
    void read_available();
    /// Takes what is there without waiting, then closes: a process that escaped its group may still hold
    /// the other end.
    void drain();
    void close() noexcept;

  private:
    /// At most so many pieces; false at the end of the pipe.
    bool read_some(int pieces);

    boost::asio::posix::stream_descriptor stream_;
    Sink sink_;
};

/// Appends as long as `into` stays within `limit`; true when something was cut.
bool append_bounded(std::string& into, std::string_view piece, std::size_t limit);

} // namespace pyfops::process
