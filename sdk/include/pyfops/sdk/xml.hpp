// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace pyfops::sdk {

/// An element of an XML answer, without attributes and name space prefixes.
struct XmlElement {
    std::string name;
    std::string text; ///< without surrounding white space
    std::vector<XmlElement> children;

    /// The first child of that name, or nullptr.
    const XmlElement* child(std::string_view name) const noexcept;
    /// Text at "CreateRoleResult/Role/Arn" below this element; "" when absent.
    std::string at(std::string_view path) const;
    std::vector<const XmlElement*> all(std::string_view name) const;
};

/// The document's root element. Document types are refused, nothing external is read. Throws
/// Error(invalid_input) for what is no XML, larger than `max_bytes` or nested deeper than 32.
XmlElement parse_xml(std::string_view text, std::string_view what, std::size_t max_bytes = 4u << 20);

/// The document of a good answer, as `parse_xml`; throws unavailable when it is no XML: a proxy or a captive
/// portal answered. `what`: "the answer of IAM".
XmlElement xml_answer(std::string_view text, std::string_view what);

/// Text as the content of an element or of a quoted attribute.
std::string xml_escape(std::string_view text);

} // namespace pyfops::sdk
