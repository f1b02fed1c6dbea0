// SPDX-License-Identifier: Apache-2.0
#include "frame/application.hpp"
#include "frame/console.hpp"
#include "frame/interrupt.hpp"

int main(int argc, char** argv) {
    pyfops::cli::secure_standard_streams();
    pyfops::cli::install_default_signals();
    return pyfops::cli::run_program({argv + (argc > 0 ? 1 : 0), argv + argc});
}
