// SPDX-License-Identifier: Apache-2.0
// Refusals in the words of IAM, Code Engine and OpenWhisk.
#pragma once

#include "pyfops/emulator/call.hpp"

#include <exception>
#include <string>

namespace pyfops::ibm_emulator {

enum class Api { iam, code_engine, endpoint, openwhisk };

class ApiError : public std::exception {
  public:
    ApiError(int http_status, std::string error_code, std::string text)
        : status(http_status),
          code(std::move(error_code)),
          message(std::move(text)) {}
    const char* what() const noexcept override { return message.c_str(); }

    int status;
    std::string code;
    std::string message;
};

ServerResponse error_answer(Api api, const ApiError& error, const std::string& trace);

/// The JSON object of a request's body. Throws ApiError(400).
json::object json_object(const HttpCall& call);

} // namespace pyfops::ibm_emulator
