// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "database.hpp"

#include <doctest/doctest.h>

/// A test case for each kind of database.
#define ON_BOTH(name, function)                                                                              \
    TEST_CASE(name " (SQLite)" * doctest::test_suite("sqlite")) {                                            \
        SqliteDatabase database;                                                                             \
        function(database);                                                                                  \
    }                                                                                                        \
    TEST_CASE(name " (MariaDB)" * doctest::test_suite("mariadb")) {                                          \
        if (no_mariadb()) return;                                                                            \
        MariaDbDatabase database;                                                                            \
        function(database);                                                                                  \
    }
