// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "faults.hpp"

#include "pyfops/emulator/face.hpp"
#include "pyfops/export.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pyfops {

/// Every request of the emulator goes through here: to the control API or to the face that accepts it, past
/// the fault plan and into the journal. Used from the emulator's thread.
class PYFOPS_EXPORT Cloud {
  public:
    using FacePointer = std::unique_ptr<EmulatorFace, std::function<void(EmulatorFace*)>>;

    /// `token` opens the control API.
    Cloud(Clock& clock, Log& log, std::string token);
    ~Cloud();
    Cloud(const Cloud&) = delete;
    Cloud& operator=(const Cloud&) = delete;

    void add(std::string id, FacePointer face);
    /// What `/_pyfops/health` says beside the faces' ids.
    void describe(std::function<json::object()> health);
    void set_faults(FaultPlan plan);
    std::optional<json::value> setting(const std::string& name) const { return faults_.setting(name); }
    std::map<std::string, std::string> environment() const;
    /// {"<provider>": {"environment": {...}, "settings": "..."}, ...}
    json::object clients() const;

    Task<ServerResponse> handle(ServerRequest request);
    /// Whether the body of this request is to be read.
    bool admit(const ServerRequest& head);

  private:
    struct Held;
    struct Face {
        std::string id;
        FacePointer face;
    };
    struct Entry {
        std::uint64_t n = 0; ///< of all requests
        std::string face;
        std::string operation;
        std::string method;
        std::string target;
        int status = 0; ///< 0: no answer yet, or none at all
        std::string outcome;
        json::object request; ///< with the setting journal.requests
    };

    bool serves(const ServerRequest& request) const;
    EmulatorFace* face_for(const ServerRequest& request, std::string& id) const;
    Entry& remember(const ServerRequest& request, const std::string& face, const std::string& operation);
    void finish(std::uint64_t n, int status, std::string outcome);
    Task<bool> hold(std::uint64_t n, std::string operation, bool before);
    Task<ServerResponse> act(EmulatorFace& face, ServerRequest request, std::uint64_t n);
    Task<ServerResponse> with_faults(EmulatorFace& face, ServerRequest request, std::string operation,
                                     std::uint64_t n);
    static bool is_control(const ServerRequest& request);
    ServerResponse control(const ServerRequest& request);
    ServerResponse control_faults(const ServerRequest& request, std::string_view path);
    json::object journal(std::uint64_t from) const;
    json::array held() const;

    Clock& clock_;
    Log& log_;
    std::string token_;
    std::vector<Face> faces_;
    std::function<json::object()> health_;
    FaultPlan faults_;
    std::deque<Entry> journal_;
    std::uint64_t next_ = 1;
    std::map<std::uint64_t, std::shared_ptr<Held>> held_;
};

} // namespace pyfops
