// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "instance_pool.hpp"
#include "process/sandbox_factory.hpp"
#include "pyfops/crypto.hpp"
#include "pyfops/error.hpp"
#include "pyfops/system.hpp"
#include "support/run_task.hpp"
#include "support/stored_zip.hpp"
#include "support/temporary_directory.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

namespace pyfops {

using Outcome = ExecutionResult::Outcome;
using Files = std::map<std::string, std::string>;

struct PoolFixture {
    explicit PoolFixture(InstancePoolOptions options = {}, SandboxOptions sandbox_options = {})
        : sandbox(
              make_sandbox(context.get_executor(), real_clock(), null_log(), std::move(sandbox_options))) {
        options.directory = directory.path() / "instances";
        options.runtimes = python_runtimes("/no/such/cache");
        pool = make_instance_pool(context.get_executor(), *sandbox, real_clock(), null_log(),
                                  std::move(options));
    }

    /// An image as the AWS face makes it; `handler` is app.handler.
    static std::shared_ptr<FunctionImage> image(const Files& files, int memory_mb = 128) {
        static const std::string runtime =
            read_file(PYFOPS_SOURCE_DIR "/plugins/aws/emulator/runtime/pyfops_lambda_runtime.py");
        auto made = std::make_shared<FunctionImage>();
        const std::string archive = stored_zip(files);
        made->archive = Bytes(archive);
        made->id = sha256_hex(archive) + std::to_string(memory_mb);
        made->python = "3.11";
        made->memory_mb = memory_mb;
        made->timeout = Milliseconds(20'000);
        made->environment = {{"PYTHONPATH", "/opt/pyfops-runtime"},
                             {"LAMBDA_TASK_ROOT", "/var/task"},
                             {"PATH", "/usr/bin:/bin"},
                             {"AWS_LAMBDA_FUNCTION_NAME", "app"}};
        made->runtime_files = {{"pyfops_lambda_runtime.py", runtime}};
        made->arguments = {"-m", "pyfops_lambda_runtime", "app.handler"};
        return made;
    }
    static std::shared_ptr<FunctionImage> app(const std::string& code, int memory_mb = 128) {
        return image({{"app.py", code}}, memory_mb);
    }

    Task<ExecutionResult> task(const std::shared_ptr<FunctionImage>& of, const std::string& event) {
        HttpHeaders headers;
        headers.set("Lambda-Runtime-Invoked-Function-Arn",
                    "arn:aws:lambda:eu-west-1:000000000000:function:app");
        return pool->execute(of, random.uuid(), event, std::move(headers));
    }
    ExecutionResult run(const std::shared_ptr<FunctionImage>& of, const std::string& event = "{}") {
        return run_task(context, task(of, event));
    }
    /// All at once.
    std::vector<ExecutionResult> run_all(const std::shared_ptr<FunctionImage>& of, int count) {
        std::vector<ExecutionResult> all(static_cast<std::size_t>(count));
        int left = count;
        for (int i = 0; i < count; ++i)
            boost::asio::co_spawn(context, task(of, std::to_string(i)),
                                  [&all, &left, i](std::exception_ptr failure, ExecutionResult result) {
                                      if (!failure) all[static_cast<std::size_t>(i)] = std::move(result);
                                      --left;
                                  });
        context.restart();
        while (left > 0 && context.run_one() > 0) {
        }
        return all;
    }

    TemporaryDirectory directory;
    boost::asio::io_context context;
    SeededRandom random{7};
    std::unique_ptr<Sandbox> sandbox;
    std::unique_ptr<InstancePool> pool;
};

} // namespace pyfops
