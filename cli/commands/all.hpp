// SPDX-License-Identifier: Apache-2.0
// One function a command, each in the file of its name; the table is in commands.cpp.
#pragma once

namespace pyfops::cli {

class Arguments;
class Console;

int run_afcl(const Arguments& arguments, Console& console);
int run_completion(const Arguments& arguments, Console& console);
int run_db(const Arguments& arguments, Console& console);
int run_deploy(const Arguments& arguments, Console& console);
int run_destroy(const Arguments& arguments, Console& console);
int run_doctor(const Arguments& arguments, Console& console);
int run_emulate(const Arguments& arguments, Console& console);
int run_help(const Arguments& arguments, Console& console);
int run_init(const Arguments& arguments, Console& console);
int run_invoke(const Arguments& arguments, Console& console);
int run_list(const Arguments& arguments, Console& console);
int run_logs(const Arguments& arguments, Console& console);
int run_package(const Arguments& arguments, Console& console);
int run_plan(const Arguments& arguments, Console& console);
int run_plugins(const Arguments& arguments, Console& console);
int run_report(const Arguments& arguments, Console& console);
int run_run(const Arguments& arguments, Console& console);
int run_test(const Arguments& arguments, Console& console);
int run_tune(const Arguments& arguments, Console& console);
int run_validate(const Arguments& arguments, Console& console);
int run_version(const Arguments& arguments, Console& console);
int run_wrap(const Arguments& arguments, Console& console);

} // namespace pyfops::cli
