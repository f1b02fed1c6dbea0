// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/default_stages.hpp"

#include "pyfops/error.hpp"

namespace pyfops::sdk {

Task<Package> ZipPackager::package(const PackageRequest& request, StageContext& context) {
    BuildRequest build;
    build.tree = request.wrapped;
    build.dependencies_prefix = prefix_;
    build.limits.max_zipped = info_.limits.zip_bytes;
    build.limits.max_unzipped = info_.limits.unzipped_bytes;
    if (!request.dependencies.requirements.empty() || !request.dependencies.extra.empty()) {
        DependencyRequest wanted = request.dependencies;
        wanted.platform = platform_of(request.target);
        auto resolving = context.host.packages.dependencies(std::move(wanted), context);
        build.dependencies = co_await std::move(resolving);
    }
    Task<Package> building = context.host.packages.build(std::move(build), context);
    co_return co_await std::move(building);
}

Task<SourceTree> TemplateWrapper::wrap(const WrapRequest& request, StageContext&) {
    SourceTree tree = request.source;
    for (auto& [path, text] : files_(request)) {
        if (tree.find(path))
            throw Error(ErrorKind::conflict, "the code base has a file named '" + path + "'")
                .hint("rename it: names that begin with _pyfops_ are for the entry files");
        tree.add_new(path, {.content = text});
    }
    co_return tree;
}

} // namespace pyfops::sdk
