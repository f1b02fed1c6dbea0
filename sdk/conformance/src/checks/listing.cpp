// SPDX-License-Identifier: Apache-2.0
#include "groups.hpp"

#include "site.hpp"

#include <algorithm>

namespace pyfops::conformance {
namespace {

std::vector<std::string> functions_of(const std::vector<Deployment>& all) {
    std::vector<std::string> names;
    for (const Deployment& one : all)
        names.push_back(one.identity.function);
    std::sort(names.begin(), names.end());
    return names;
}

/// Asks once, with pages of that size.
std::vector<std::string> listed(Site& site, std::size_t least_pages) {
    site.cloud.faults({}, {{"pages.size", site.quirks.pages_size}});
    Bench& bench = site.bench();
    const std::vector<std::string> names = functions_of(bench.list());
    require(bench.wire.count() > 0, "listing does not ask the cloud");
    const std::size_t pages = bench.wire.count(site.quirks.list);
    require(pages >= least_pages, "the list of " + std::to_string(names.size()) + " has " +
                                      std::to_string(pages) + " pages of " +
                                      std::to_string(site.quirks.pages_size));
    site.cloud.faults();
    return names;
}

void pages(Site& site) {
    Bench& bench = site.bench();
    require_equal(listed(site, 0), {}, "an account without our functions lists");
    std::vector<std::string> wanted{"a"};
    bench.deploy({.function = "a"});
    require_equal(listed(site, 1), wanted, "the list of one page");
    const int most = 2 * site.quirks.pages_size + 1;
    for (int i = 1; i < most; ++i) {
        wanted.push_back(std::string(1, static_cast<char>('a' + i)));
        bench.deploy({.function = wanted.back()});
    }
    require_equal(listed(site, 3), wanted, "the list of three pages");
}

void only_ours(Site& site) {
    Bench& bench = site.bench();
    bench.deploy();
    Bench& stranger = site.stranger();
    stranger.deploy({.function = "theirs"});
    require_equal(functions_of(site.bench().list()), {"conform"}, "the list of a project");
    const std::vector<Deployment> theirs = stranger.list();
    require_equal(functions_of(theirs), {"theirs"}, "the list of another project");
    require(theirs.front().identity == stranger.identity({.function = "theirs"}) &&
                !theirs.front().link.empty() && !theirs.front().mark.content_hash.empty(),
            "the list does not tell identity, link and content of a deployment");
}

} // namespace

Checks listing() {
    return {
        {"list.pages", "lists of 0, 1 and 3 pages are read to their end", &pages},
        {"list.ours", "a list holds the deployments of the project and no others", &only_ours},
    };
}

} // namespace pyfops::conformance
