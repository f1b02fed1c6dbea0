// SPDX-License-Identifier: Apache-2.0
#include "pyfops/observer.hpp"

namespace pyfops {

std::string_view to_string(Stage stage) noexcept {
    switch (stage) {
    case Stage::plan:
        return "plan";
    case Stage::wrap:
        return "wrap";
    case Stage::package:
        return "package";
    case Stage::deploy:
        return "deploy";
    case Stage::tune:
        return "tune";
    case Stage::test:
        return "test";
    case Stage::record:
        return "record";
    }
    return "plan";
}

Observer::~Observer() = default;

Observer& null_observer() {
    class NullObserver final : public Observer {
        void on(const Event&) noexcept override {}
    };
    static NullObserver observer;
    return observer;
}

} // namespace pyfops
