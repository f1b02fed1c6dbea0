// SPDX-License-Identifier: Apache-2.0
// Marks what libpyfops exports; everything else is hidden.
#pragma once

#if defined(__GNUC__)
#define PYFOPS_EXPORT __attribute__((visibility("default")))
#else
#error "pyfOps supports GCC and clang"
#endif
