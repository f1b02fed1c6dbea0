// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/entry_files.hpp"

#include "pyfops_sdk_embedded.hpp"

namespace pyfops::sdk {

std::string python_literal(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

std::map<std::string, std::string> common_entry_files(const FunctionSpec& function) {
    std::map<std::string, std::string> files;
    for (const std::string_view name : {"_pyfops_runtime.py", "_pyfops_measure.py"})
        files[std::string(name)] = std::string(wrapper_files::text(name));
    files["_pyfops_function.py"] = "# Which function this package holds; written by pyfOps.\nMODULE = " +
                                   python_literal(function.module) +
                                   "\nCALLABLE = " + python_literal(function.callable) + "\n";
    return files;
}

} // namespace pyfops::sdk
