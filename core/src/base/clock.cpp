// SPDX-License-Identifier: Apache-2.0
#include "pyfops/clock.hpp"

#include "pyfops/error.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace pyfops {

namespace asio = boost::asio;

Clock::~Clock() = default;
Random::~Random() = default;

namespace {

class RealClock final : public Clock {
    SteadyTime steady_now() const override { return std::chrono::steady_clock::now(); }
    SystemTime system_now() const override { return std::chrono::system_clock::now(); }
    Task<void> sleep(Milliseconds duration) override {
        asio::steady_timer timer(co_await asio::this_coro::executor, duration);
        auto [failure] = co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
        if (failure) throw Error(ErrorKind::cancelled, "cancelled while waiting");
    }
};

} // namespace

Clock& real_clock() {
    static RealClock clock;
    return clock;
}

std::string Random::uuid() {
    const std::uint64_t high = (bits() & ~0xf000ull) | 0x4000ull;
    const std::uint64_t low = (bits() & 0x3fff'ffff'ffff'ffffull) | 0x8000'0000'0000'0000ull;
    return fmt::format("{:08x}-{:04x}-{:04x}-{:04x}-{:012x}", high >> 32, (high >> 16) & 0xffff,
                       high & 0xffff, low >> 48, low & 0xffff'ffff'ffffull);
}

std::uint64_t SeededRandom::bits() {
    // splitmix64 (Steele, Lea, Flood 2014): small, and good enough for jitter and ids.
    state_ += 0x9e37'79b9'7f4a'7c15ull;
    std::uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xbf58'476d'1ce4'e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d0'49bb'1331'11ebull;
    return z ^ (z >> 31);
}

double SeededRandom::uniform() {
    return static_cast<double>(bits() >> 11) * 0x1.0p-53;
}

Deadline Deadline::after(const Clock& clock, Milliseconds duration) {
    return Deadline(clock.steady_now() + duration);
}

Milliseconds Deadline::left(const Clock& clock) const {
    if (never()) return Milliseconds::max();
    const auto rest = std::chrono::ceil<Milliseconds>(at_ - clock.steady_now());
    return std::max(rest, Milliseconds::zero());
}

Deadline Deadline::within(const Clock& clock, Milliseconds duration) const {
    return Deadline(std::min(at_, clock.steady_now() + duration));
}

namespace {

std::tm utc(SystemTime time) {
    const std::time_t seconds =
        std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return parts;
}

constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

SystemTime from_parts(int year, int month, int day, int hour, int minute, int second,
                      const std::string& text) {
    const std::chrono::year_month_day date{std::chrono::year(year),
                                           std::chrono::month(static_cast<unsigned>(month)),
                                           std::chrono::day(static_cast<unsigned>(day))};
    // SystemTime counts nanoseconds: it ends in 2262.
    if (!date.ok() || year < 1678 || year > 2261 || hour < 0 || minute < 0 || second < 0 || hour > 23 ||
        minute > 59 || second > 60)
        throw Error(ErrorKind::invalid_input, "not a date: '" + text + "'");
    return std::chrono::sys_days(date) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
           std::chrono::seconds(second);
}

} // namespace

std::string to_iso8601(SystemTime time) {
    const std::tm t = utc(time);
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday,
                       t.tm_hour, t.tm_min, t.tm_sec);
}

SystemTime from_iso8601(const std::string& text) {
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0;
    if (std::sscanf(text.c_str(), "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute,
                    &second, &used) != 6)
        throw Error(ErrorKind::invalid_input, "not an ISO 8601 time: '" + text + "'");
    std::size_t at = static_cast<std::size_t>(used);
    if (at < text.size() && text[at] == '.')
        for (++at; at < text.size() && text[at] >= '0' && text[at] <= '9';)
            ++at;
    SystemTime time = from_parts(year, month, day, hour, minute, second, text);
    int zone_hour = 0, zone_minute = 0;
    if (at < text.size() && (text[at] == '+' || text[at] == '-') &&
        (std::sscanf(text.c_str() + at + 1, "%2d:%2d", &zone_hour, &zone_minute) == 2 ||
         std::sscanf(text.c_str() + at + 1, "%2d%2d", &zone_hour, &zone_minute) == 2)) {
        const auto offset = std::chrono::hours(zone_hour) + std::chrono::minutes(zone_minute);
        time = text[at] == '+' ? time - offset : time + offset;
    }
    return time;
}

std::string to_http_date(SystemTime time) {
    const std::tm t = utc(time);
    return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", days[static_cast<std::size_t>(t.tm_wday)],
                       t.tm_mday, months[static_cast<std::size_t>(t.tm_mon)], t.tm_year + 1900, t.tm_hour,
                       t.tm_min, t.tm_sec);
}

SystemTime from_http_date(const std::string& text) {
    int day = 0, year = 0, hour = 0, minute = 0, second = 0;
    char name[4] = {};
    if (std::sscanf(text.c_str(), "%*3s, %2d %3s %4d %2d:%2d:%2d", &day, name, &year, &hour, &minute,
                    &second) == 6)
        for (std::size_t month = 0; month < months.size(); ++month)
            if (std::string_view(months[month]) == name)
                return from_parts(year, static_cast<int>(month) + 1, day, hour, minute, second, text);
    throw Error(ErrorKind::invalid_input, "not an HTTP date: '" + text + "'");
}

} // namespace pyfops
