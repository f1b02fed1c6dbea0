// SPDX-License-Identifier: Apache-2.0
// Real processes that do a part of a test.
#pragma once

#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <exception>
#include <functional>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

namespace pyfops::testing {

class Child {
  public:
    explicit Child(const std::function<void()>& work) {
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        if (pid_ < 0) throw std::runtime_error("fork failed");
        if (pid_ > 0) return;
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (::getppid() != parent) ::_exit(125);
        try {
            work();
        } catch (const std::exception& error) {
            std::fprintf(stderr, "child: %s\n", error.what());
            ::_exit(1);
        }
        ::_exit(0);
    }
    ~Child() { wait(); }
    Child(Child&& other) noexcept : pid_(std::exchange(other.pid_, -1)) {}
    Child& operator=(Child&&) = delete;

    /// 0: it went well; 1: it threw; -1: it was killed.
    int wait() {
        if (pid_ <= 0) return status_;
        int status = 0;
        ::waitpid(pid_, &status, 0);
        pid_ = -1;
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
        return status_;
    }

  private:
    pid_t pid_ = -1;
    int status_ = -1;
};

/// Kills this process at the n-th step; 0: never.
class Countdown {
  public:
    explicit Countdown(int steps) : left_(steps) {}
    void step() {
        if (left_ > 0 && --left_ == 0) ::kill(::getpid(), SIGKILL);
    }

  private:
    int left_;
};

/// Shared by parent and children.
class Gate {
  public:
    Gate() {
        void* memory =
            ::mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED) throw std::runtime_error("mmap failed");
        shared_ = new (memory) Shared;
    }
    ~Gate() { ::munmap(shared_, sizeof(Shared)); }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void arrive() { ++shared_->arrived; }
    void wait_for(int count) const {
        while (shared_->arrived < count)
            std::this_thread::yield();
    }
    void open() { shared_->opened = true; }
    void wait() const {
        while (!shared_->opened)
            std::this_thread::yield();
    }

  private:
    struct Shared {
        std::atomic<int> arrived{0};
        std::atomic<bool> opened{false};
    };
    Shared* shared_;
};

} // namespace pyfops::testing
