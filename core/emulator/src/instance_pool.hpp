// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/clock.hpp"
#include "pyfops/emulator/instances.hpp"
#include "pyfops/export.hpp"
#include "pyfops/log.hpp"
#include "pyfops/sandbox.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <vector>

namespace pyfops {

struct InstancePoolOptions {
    std::filesystem::path directory;      ///< unpacked packages; this pool's own, made when it is not there
    bool network = true;                  ///< for handlers
    std::vector<PythonRuntime> runtimes;  ///< to choose from
    Milliseconds idle_limit{300'000};     ///< a warm instance without an event is ended then
    int max_instances = 64;               ///< further events wait
    std::size_t max_log_bytes = 1u << 20; ///< of one event
};

PYFOPS_EXPORT std::unique_ptr<InstancePool> make_instance_pool(boost::asio::any_io_executor executor,
                                                               Sandbox& sandbox, Clock& clock, Log& log,
                                                               InstancePoolOptions options);

} // namespace pyfops
