// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "protocol.hpp"
#include "world.hpp"

#include <map>
#include <string>
#include <vector>

namespace pyfops::aws_emulator {

/// CloudWatch Logs. Events are kept in memory and written to the state a moment later, together: an
/// invocation must not wait for the disk. At most `max_bytes` of messages a group; the oldest go first.
class Logs {
  public:
    explicit Logs(World& world) : world_(world) {}
    ServerResponse handle(const Call& call);

    /// One message a line; creates group and stream. `region` as in the function's ARN.
    void append(const std::string& region, const std::string& group, const std::string& stream,
                const std::vector<std::string>& messages);
    /// Writes what is not written yet.
    void flush();

    static constexpr std::size_t max_bytes = 8u << 20;

  private:
    struct Event {
        std::int64_t at = 0;
        std::uint64_t id = 0; ///< grows
        std::string stream;
        std::string message;
    };
    struct Group {
        std::int64_t created = 0;
        std::int64_t retention_days = 0;
        std::map<std::string, std::int64_t> streams; ///< creation time by name
        std::vector<Event> events;                   ///< in order of arrival
        std::size_t bytes = 0;
        bool dirty = false;
    };

    Group& load(const std::string& key);
    Group* find(const std::string& region, const std::string& name);
    Group& required(const Call& call, const json::object& body);
    Group& make(const std::string& region, const std::string& name);
    void touch(Group& group);
    Task<void> flush_later();
    json::object describe_groups(const Call& call, const json::object& body);
    json::object describe_streams(Group& group, const json::object& body);
    json::object filter(Group& group, const json::object& body);
    json::object get_events(Group& group, const json::object& body);

    World& world_;
    std::map<std::string, Group> groups_; ///< by region/name
    std::uint64_t next_id_ = 1;
    bool loaded_ = false;
    bool flush_pending_ = false;
};

} // namespace pyfops::aws_emulator
