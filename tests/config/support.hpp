// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pyfops/project.hpp"
#include "pyfops/system.hpp"
#include "support/temporary_directory.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>

namespace pyfops::test {

/// A project folder with one code base "functions/thumb" (thumb.py, package/__init__.py).
class ProjectFolder {
  public:
    ProjectFolder() {
        write("functions/thumb/thumb.py", "def handler(event):\n    return event\n");
        write("functions/thumb/package/__init__.py", "");
        write("functions/thumb/package/deep.py", "");
    }
    void write(const std::string& path, std::string_view content) {
        write_file(directory_.path() / path, content);
    }
    std::filesystem::path path() const { return directory_.path(); }

    Project load(std::string_view yaml, Diagnostics& diagnostics, const std::string& name = "pyfops.yaml") {
        write(name, yaml);
        return load_project(directory_.path() / name, diagnostics);
    }
    /// The findings as a person sees them, without the folder.
    std::string findings(std::string_view yaml, const std::string& name = "pyfops.yaml") {
        Diagnostics diagnostics;
        load(yaml, diagnostics, name);
        return shown(diagnostics);
    }
    std::string shown(const Diagnostics& diagnostics) const {
        std::string result;
        for (const Finding& finding : diagnostics.findings()) {
            CHECK_FALSE(finding.code.empty());
            result += "[" + finding.code + "] " + render(finding);
        }
        const std::string folder = directory_.path().string() + "/";
        for (auto at = result.find(folder); at != std::string::npos; at = result.find(folder, at))
            result.erase(at, folder.size());
        return result;
    }

  private:
    TemporaryDirectory directory_;
};

/// A file that is right, with `extra` lines in its one function.
inline std::string with(std::string_view extra) {
    return "project: demo\nfunctions:\n  - name: thumb\n    source: functions/thumb\n    handler: "
           "thumb:handler\n" +
           std::string(extra) + "deployments:\n  - {provider: aws, regions: [eu-central-1]}\n";
}

} // namespace pyfops::test
