// SPDX-License-Identifier: Apache-2.0
#include "pyfops/testing/fake_packages.hpp"

#include "pyfops/crypto.hpp"

namespace pyfops::testing {

Package fake_package(std::string archive) {
    Package package;
    package.archive_sha256 = sha256(archive);
    package.content_hash = sha256_hex("content:" + archive);
    package.unzipped_bytes = archive.size() * 2;
    package.file_count = 1;
    package.archive = std::move(archive);
    return package;
}

Task<std::shared_ptr<const DependencySet>> FakePackages::dependencies(DependencyRequest request,
                                                                      StageContext&) {
    dependency_requests.push_back(request);
    if (on_dependencies) co_return on_dependencies(request);
    co_return std::make_shared<const DependencySet>();
}

Task<Package> FakePackages::build(BuildRequest request, StageContext&) {
    build_requests.push_back(request);
    std::string text = "PK fake\n";
    for (const auto& [path, file] : request.tree.files())
        text += path + " " + sha256_hex(file.content.view()) + "\n";
    co_return fake_package(std::move(text));
}

} // namespace pyfops::testing
