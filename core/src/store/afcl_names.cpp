// SPDX-License-Identifier: Apache-2.0
#include "store/afcl_names.hpp"

#include "pyfops/crypto.hpp"

#include <algorithm>
#include <array>
#include <cctype>

namespace pyfops {
namespace {

/// The form of AWS' codes ("eu-central-1", "us-gov-west-1"), which AFCL stores bare and which other providers
/// use for regions of their own.
bool has_aws_form(std::string_view code) {
    const auto last = code.rfind('-');
    if (last == std::string_view::npos || last + 2 != code.size() ||
        !std::isdigit(static_cast<unsigned char>(code.back())))
        return false;
    const auto first = code.find('-');
    const auto before = code.rfind('-', last - 1);
    if (first != 2 || before == std::string_view::npos) return false;
    constexpr std::array directions{"central",   "north",     "south",     "east",     "west",
                                    "northeast", "northwest", "southeast", "southwest"};
    const std::string_view direction = code.substr(before + 1, last - before - 1);
    return std::find(directions.begin(), directions.end(), direction) != directions.end();
}

constexpr std::string_view bare_owner = "aws";

} // namespace

std::string afcl_region(std::string_view provider, std::string_view region) {
    if (provider == bare_owner || !has_aws_form(region)) return std::string(region);
    return std::string(provider) + "-" + std::string(region);
}

std::string region_from_afcl(std::string_view provider, std::string_view afcl_code) {
    const std::string prefix = std::string(provider) + "-";
    if (provider != bare_owner && afcl_code.starts_with(prefix) &&
        has_aws_form(afcl_code.substr(prefix.size())))
        afcl_code.remove_prefix(prefix.size());
    return std::string(afcl_code);
}

} // namespace pyfops

namespace pyfops::store {
namespace {

constexpr std::size_t longest = 255;
constexpr std::string_view local_suffix = "Local";

/// Long names are cut in the middle of nothing: a hash keeps them apart.
std::string shortened(std::string name, std::size_t max_length) {
    if (name.size() <= max_length) return name;
    const std::string hash = sha256_hex(name).substr(0, 8);
    return name.substr(0, max_length - hash.size() - 1) + "-" + hash;
}

/// As it is, with the project, and with a hash in case that the project's name is part of another name.
std::vector<std::string> told_apart(const std::string& base, const FdIdentity& identity) {
    const std::string hash = sha256_hex(identity.project + "/" + identity.function).substr(0, 8);
    return {base, base + "-" + identity.project, base + "-" + identity.project + "-" + hash};
}

} // namespace

std::vector<std::string> type_names(const FdIdentity& identity) {
    auto names = told_apart(identity.function, identity);
    for (std::string& name : names)
        name = shortened(std::move(name), longest);
    return names;
}

std::vector<std::string> stems(const FdIdentity& identity, const std::string& provider_short) {
    auto names = told_apart(identity.function + provider_short + "Python", identity);
    for (std::string& name : names)
        name = shortened(std::move(name), longest - local_suffix.size());
    return names;
}

std::string implementation_name(const std::string& stem, Realm realm) {
    return realm == Realm::local ? stem + std::string(local_suffix) : stem;
}

std::string stem_of(const std::string& implementation_name, Realm realm) {
    if (realm == Realm::local && implementation_name.ends_with(local_suffix))
        return implementation_name.substr(0, implementation_name.size() - local_suffix.size());
    return implementation_name;
}

std::string deployment_name(const std::string& stem, const FdIdentity& identity) {
    std::string name = stem + "-" + identity.region;
    if (identity.slot != "auto") name += "-" + identity.slot;
    if (identity.realm == Realm::real) return shortened(std::move(name), longest);
    return shortened(std::move(name), longest - local_suffix.size() - 1) + "-" + std::string(local_suffix);
}

std::string implementation_id(const FdIdentity& identity) {
    return sha256_hex(identity.project + "/" + identity.function + "/" + identity.provider + "/" +
                      std::string(to_string(identity.realm)))
        .substr(0, 16);
}

} // namespace pyfops::store
