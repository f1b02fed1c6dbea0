// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace pyfops::google_emulator {

inline constexpr std::array<std::string_view, 40> regions{"africa-south1",
                                                          "asia-east1",
                                                          "asia-east2",
                                                          "asia-northeast1",
                                                          "asia-northeast2",
                                                          "asia-northeast3",
                                                          "asia-south1",
                                                          "asia-south2",
                                                          "asia-southeast1",
                                                          "asia-southeast2",
                                                          "australia-southeast1",
                                                          "australia-southeast2",
                                                          "europe-central2",
                                                          "europe-north1",
                                                          "europe-southwest1",
                                                          "europe-west1",
                                                          "europe-west10",
                                                          "europe-west12",
                                                          "europe-west2",
                                                          "europe-west3",
                                                          "europe-west4",
                                                          "europe-west6",
                                                          "europe-west8",
                                                          "europe-west9",
                                                          "me-central1",
                                                          "me-central2",
                                                          "me-west1",
                                                          "northamerica-northeast1",
                                                          "northamerica-northeast2",
                                                          "southamerica-east1",
                                                          "southamerica-west1",
                                                          "us-central1",
                                                          "us-east1",
                                                          "us-east4",
                                                          "us-east5",
                                                          "us-south1",
                                                          "us-west1",
                                                          "us-west2",
                                                          "us-west3",
                                                          "us-west4"};

struct Runtime {
    std::string_view name, title, python;
    int deprecated_year, deprecated_month, deprecated_day;
};

// supported/types.js of firebase-tools 15.34.2.
inline constexpr std::array<Runtime, 5> runtimes{{{"python310", "Python 3.10", "3.10", 2026, 10, 4},
                                                  {"python311", "Python 3.11", "3.11", 2027, 10, 24},
                                                  {"python312", "Python 3.12", "3.12", 2028, 10, 2},
                                                  {"python313", "Python 3.13", "3.13", 2029, 10, 10},
                                                  {"python314", "Python 3.14", "3.14", 2030, 10, 10}}};

} // namespace pyfops::google_emulator
