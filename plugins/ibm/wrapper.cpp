// SPDX-License-Identifier: Apache-2.0
#include "wrapper.hpp"

#include "pyfops/error.hpp"
#include "pyfops/sdk/entry_files.hpp"
#include "pyfops_ibm_provider_embedded.hpp"

namespace pyfops::ibm {

Task<SourceTree> IbmWrapper::wrap(const WrapRequest& request, StageContext&) {
    // OpenWhisk names its runtimes with a colon, Code Engine with a dash.
    const bool openwhisk = request.target.runtime.find(':') != std::string::npos;
    const std::string entry = openwhisk ? "_pyfops_openwhisk" : "_pyfops_code_engine";
    auto files = sdk::common_entry_files(request.function);
    files[entry + ".py"] = std::string(wrapper_files::text(entry + ".py"));
    files["__main__.py"] = "# Written by pyfOps: where the platform looks for the function.\nfrom " + entry +
                           " import main  # noqa: F401\n";
    SourceTree tree = request.source;
    for (auto& [path, text] : files) {
        if (tree.find(path))
            throw Error(ErrorKind::conflict, "the code base has a file named '" + path + "'")
                .hint(path == "__main__.py"
                          ? "rename it: IBM starts functions there"
                          : "rename it: names that begin with _pyfops_ are for the entry files");
        tree.add_new(path, {.content = text});
    }
    co_return tree;
}

} // namespace pyfops::ibm
