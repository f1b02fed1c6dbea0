// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/export.hpp"
#include "pyfops/process.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace pyfops {

/// The machine's processes; everything runs on `executor`, which one thread serves.
PYFOPS_EXPORT std::unique_ptr<Processes> make_processes(boost::asio::any_io_executor executor, Clock& clock);

} // namespace pyfops
