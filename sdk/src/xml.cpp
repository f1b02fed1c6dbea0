// SPDX-License-Identifier: Apache-2.0
#include "pyfops/sdk/xml.hpp"

#include "pyfops/error.hpp"

#include <boost/property_tree/ptree.hpp>
#include <boost/property_tree/xml_parser.hpp>

#include <sstream>

namespace pyfops::sdk {
namespace {

namespace pt = boost::property_tree;

constexpr int max_depth = 32;

std::string local_name(const std::string& name) {
    const auto colon = name.find(':');
    return colon == std::string::npos ? name : name.substr(colon + 1);
}

/// The parser recurses: nesting is bounded before it sees the text.
bool too_deep(std::string_view text) {
    int depth = 0;
    for (std::size_t at = text.find('<'); at != std::string_view::npos; at = text.find('<', at + 1)) {
        const std::string_view rest = text.substr(at + 1);
        if (rest.starts_with('?') || rest.starts_with('!')) continue;
        if (rest.starts_with('/')) {
            --depth;
            continue;
        }
        const auto end = rest.find('>');
        if (end != std::string_view::npos && end > 0 && rest[end - 1] == '/') continue;
        if (++depth > max_depth) return true;
    }
    return false;
}

XmlElement convert(const std::string& name, const pt::ptree& tree) {
    XmlElement element;
    element.name = local_name(name);
    element.text = tree.data();
    for (const auto& [child_name, child] : tree)
        if (child_name != "<xmlattr>" && child_name != "<xmlcomment>")
            element.children.push_back(convert(child_name, child));
    return element;
}

} // namespace

const XmlElement* XmlElement::child(std::string_view wanted) const noexcept {
    for (const XmlElement& one : children)
        if (one.name == wanted) return &one;
    return nullptr;
}

std::string XmlElement::at(std::string_view path) const {
    const XmlElement* here = this;
    while (here && !path.empty()) {
        const auto slash = path.find('/');
        here = here->child(path.substr(0, slash));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
    }
    return here ? here->text : std::string();
}

std::vector<const XmlElement*> XmlElement::all(std::string_view wanted) const {
    std::vector<const XmlElement*> found;
    for (const XmlElement& one : children)
        if (one.name == wanted) found.push_back(&one);
    return found;
}

XmlElement parse_xml(std::string_view text, std::string_view what, std::size_t max_bytes) {
    const auto refuse = [&](const std::string& why) {
        return Error(ErrorKind::invalid_input, std::string(what) + " is not usable XML: " + why);
    };
    if (text.size() > max_bytes) throw refuse("larger than " + std::to_string(max_bytes) + " bytes");
    if (text.find("<!DOCTYPE") != std::string_view::npos) throw refuse("it has a document type");
    if (too_deep(text)) throw refuse("nested deeper than " + std::to_string(max_depth));
    std::istringstream stream{std::string(text)};
    pt::ptree tree;
    try {
        pt::read_xml(stream, tree, pt::xml_parser::trim_whitespace | pt::xml_parser::no_comments);
    } catch (const pt::xml_parser_error& failure) {
        throw refuse(failure.message());
    }
    if (tree.empty()) throw refuse("no element");
    return convert(tree.front().first, tree.front().second);
}

XmlElement xml_answer(std::string_view text, std::string_view what) {
    try {
        return parse_xml(text, what);
    } catch (const Error& failure) {
        throw Error(ErrorKind::unavailable, std::string(what) + " is not XML")
            .context(failure.message())
            .hint("check that no proxy answers in place of the provider");
    }
}

std::string xml_escape(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else if (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t')
            out += "&#" + std::to_string(static_cast<unsigned char>(c)) + ";";
        else
            out += c;
    }
    return out;
}

} // namespace pyfops::sdk
