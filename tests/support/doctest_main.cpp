// SPDX-License-Identifier: Apache-2.0
// Both: its declarations may have been read before, from the precompiled headers.
#define DOCTEST_CONFIG_IMPLEMENT
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
