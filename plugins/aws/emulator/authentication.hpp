// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "keys.hpp"
#include "protocol.hpp"

namespace pyfops::aws_emulator {

/// Checks a request's signature, clock, token and payload hash, fills service, region and principal of
/// `call`, and returns the key's id; "" when the request has no signature. Throws ApiError as the service
/// does.
std::string authenticate(const World& world, const Keys& keys, const ServerRequest& request, Call& call);

/// Replaces a body in aws-chunked encoding (trailing checksums of S3) by its content and checks the checksum
/// of the trailer or of the x-amz-checksum-* headers.
void decode_payload(Call& call);

} // namespace pyfops::aws_emulator
