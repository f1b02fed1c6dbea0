// SPDX-License-Identifier: Apache-2.0
#include "expect/pattern.hpp"

#include "expect/message.hpp"
#include "pyfops/error.hpp"
#include "pyfops/utf8.hpp"

// Boost.Regex keeps its stack on the heap and counts its steps: neither a long text nor an expression like
// (a+)+$ brings the program down or to a standstill, as they do with std::regex. Its own limits are
// 100,000,000 steps, which are seconds, and 1,024 blocks of 4 KB, where (a|b)* takes a hundred bytes for each
// character.
#include <boost/regex/config.hpp>
#undef BOOST_REGEX_MAX_STATE_COUNT
#define BOOST_REGEX_MAX_STATE_COUNT 10000000
#undef BOOST_REGEX_MAX_BLOCKS
#define BOOST_REGEX_MAX_BLOCKS 16384
#include <boost/regex.hpp>

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

namespace pyfops::expect {
namespace {

constexpr std::size_t longest_expression = 10'000; // bytes
constexpr std::size_t longest_text = 1u << 20;

static_assert(sizeof(wchar_t) == 4, "a wchar_t is a Unicode character");

std::wstring characters(std::string_view text) {
    std::wstring result;
    result.reserve(text.size());
    for (std::size_t place = 0; place < text.size();) {
        const CodePoint point = first_code_point(text.substr(place));
        result += static_cast<wchar_t>(point.valid ? point.value : 0xfffd);
        place += point.bytes;
    }
    return result;
}

/// For iterators with random access Boost.Regex works out a limit of its own, which grows with the square of
/// the expression's length; for others the limit above holds.
class Place {
  public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = wchar_t;
    using difference_type = std::ptrdiff_t;
    using pointer = const wchar_t*;
    using reference = const wchar_t&;

    Place() = default;
    explicit Place(const wchar_t* at) : at_(at) {}
    reference operator*() const { return *at_; }
    pointer operator->() const { return at_; }
    Place& operator++() { return ++at_, *this; }
    Place& operator--() { return --at_, *this; }
    Place operator++(int) { return Place(at_++); }
    Place operator--(int) { return Place(at_--); }
    bool operator==(const Place&) const = default;

  private:
    const wchar_t* at_ = nullptr;
};

const auto flags = boost::match_single_line | boost::match_not_dot_newline;

} // namespace

struct Pattern::Compiled {
    boost::wregex expression;
    std::string written;
};

Pattern::Pattern(std::string_view expression) {
    const std::string quoted = "'" + one_line(std::string(expression)) + "'";
    if (expression.size() > longest_expression)
        throw Error(ErrorKind::invalid_input,
                    fmt::format("a regular expression is longer than {} bytes", longest_expression));
    try {
        auto compiled = std::make_shared<Compiled>();
        compiled->expression.assign(characters(expression), boost::wregex::perl);
        compiled->written = quoted;
        compiled_ = std::move(compiled);
    } catch (const boost::regex_error& failure) {
        // "Unmatched ( or \(.  The error occurred while parsing ...": the first sentence.
        std::string reason = failure.what();
        reason = reason.substr(0, reason.find("  The error occurred"));
        if (reason.ends_with('.')) reason.pop_back();
        throw Error(ErrorKind::invalid_input,
                    fmt::format("{} is no regular expression: {} (at character {})", quoted,
                                one_line(std::move(reason), 200), failure.position() + 1));
    }
}

template <class Match>
bool Pattern::limited(std::string_view text, const Match& match) const {
    if (text.size() > longest_text)
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("the text has {} bytes, more than {} are not compared with the regular "
                                "expression {}",
                                text.size(), longest_text, compiled_->written));
    const std::wstring wide = characters(text);
    try {
        return match(Place(wide.data()), Place(wide.data() + wide.size()));
    } catch (const std::runtime_error&) {
        throw Error(ErrorKind::limit_exceeded,
                    fmt::format("the regular expression {} takes too many steps on a text of {} bytes",
                                compiled_->written, text.size()))
            .hint("write it without repetitions inside repetitions");
    }
}

bool Pattern::matches(std::string_view text) const {
    return limited(text, [this](Place begin, Place end) {
        return boost::regex_match(begin, end, compiled_->expression, flags);
    });
}

bool Pattern::found_in(std::string_view text) const {
    return limited(text, [this](Place begin, Place end) {
        return boost::regex_search(begin, end, compiled_->expression, flags);
    });
}

} // namespace pyfops::expect
