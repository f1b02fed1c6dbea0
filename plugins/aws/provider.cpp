// SPDX-License-Identifier: Apache-2.0
#include "provider.hpp"

#include "catalog.hpp"
#include "pyfops_aws_provider_embedded.hpp"
#include "resolve.hpp"

namespace pyfops::aws {

AwsProvider::AwsProvider()
    : info_(catalog()),
      wrapper_(entry_files),
      packager_(info_),
      deployer_(cloud_, info_),
      tester_(cloud_, info_) {}

Target AwsProvider::resolve(const ResolveRequest& request, Diagnostics& diagnostics) const {
    return resolve_target(info_, request, diagnostics);
}

void AwsProvider::validate_settings(const json::object& settings, const std::string& path,
                                    Diagnostics& diagnostics) const {
    check_settings(settings, path, diagnostics);
}

Task<Account> AwsProvider::account(const json::object& settings, const std::string& region,
                                   StageContext& context) {
    Task<Session> opening = cloud_.session(settings, region, context);
    const Session session = co_await std::move(opening);
    co_return Account{session.account, session.credentials_source, session.principal};
}

namespace {

/// Text as a Python literal.
std::string quoted(const std::string& text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out + "\"";
}

} // namespace

std::map<std::string, std::string> entry_files(const WrapRequest& request) {
    std::map<std::string, std::string> files;
    files["_pyfops_aws.py"] = std::string(wrapper_files::text("aws/_pyfops_aws.py"));
    files["_pyfops_runtime.py"] = std::string(wrapper_files::text("common/_pyfops_runtime.py"));
    files["_pyfops_measure.py"] = std::string(wrapper_files::text("common/_pyfops_measure.py"));
    files["_pyfops_function.py"] = "# Which function this package holds; written by pyfOps.\nMODULE = " +
                                   quoted(request.function.module) +
                                   "\nCALLABLE = " + quoted(request.function.callable) + "\n";
    return files;
}

} // namespace pyfops::aws
