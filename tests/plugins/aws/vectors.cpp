// SPDX-License-Identifier: Apache-2.0
#include "plugins/aws/vectors.hpp"

#include <fstream>
#include <sstream>

namespace aws_vectors {

pyfops::HttpRequest parse(const std::string& text) {
    std::istringstream lines(text);
    std::string line;
    std::getline(lines, line);
    pyfops::HttpRequest request;
    const auto first = line.find(' ');
    const auto last = line.rfind(" HTTP/1.1");
    request.method = line.substr(0, first);
    request.url.target = line.substr(first + 1, last - first - 1);
    request.url.host = "example.amazonaws.com";
    std::vector<std::pair<std::string, std::string>> headers;
    while (std::getline(lines, line) && !line.empty()) {
        if (line[0] == ' ' || line[0] == '\t') {
            headers.back().second += "\n" + line;
        } else {
            const auto colon = line.find(':');
            headers.emplace_back(line.substr(0, colon), line.substr(colon + 1));
        }
    }
    for (auto& [name, value] : headers)
        request.headers.add(name, value);
    std::string body((std::istreambuf_iterator<char>(lines)), {});
    while (body.ends_with('\n'))
        body.pop_back();
    request.body = body;
    return request;
}

std::string slurp(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::string text((std::istreambuf_iterator<char>(file)), {});
    while (text.ends_with('\n') || text.ends_with('\r'))
        text.pop_back();
    std::erase(text, '\r');
    return text;
}

} // namespace aws_vectors
