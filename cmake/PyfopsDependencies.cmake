# SPDX-License-Identifier: Apache-2.0
# Third-party libraries, all from Debian 12; docs/architecture.md says why each is here.
set(Boost_USE_STATIC_LIBS OFF)
find_package(Boost 1.81 REQUIRED COMPONENTS headers json program_options url CONFIG)
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(LibArchive REQUIRED)

# Debian's SOCI and MariaDB connector bring no CMake configuration.
function(pyfops_find_library target library header)
  find_library(${target}_LIBRARY ${library} REQUIRED)
  find_path(${target}_INCLUDE ${header} PATH_SUFFIXES ${ARGN} REQUIRED)
  add_library(pyfops_${target} INTERFACE IMPORTED)
  target_link_libraries(pyfops_${target} INTERFACE ${${target}_LIBRARY})
  target_include_directories(pyfops_${target} SYSTEM INTERFACE ${${target}_INCLUDE})
endfunction()
pyfops_find_library(mariadb mariadb mysql.h mariadb)
pyfops_find_library(sqlite3 sqlite3 sqlite3.h)
pyfops_find_library(soci_core soci_core soci/soci.h)
pyfops_find_library(soci_sqlite3 soci_sqlite3 soci/soci.h)
pyfops_find_library(soci_mysql soci_mysql soci/soci.h)
add_library(pyfops_soci INTERFACE IMPORTED)
# SOCI's own headers include each other without the "soci/" prefix.
target_include_directories(pyfops_soci SYSTEM INTERFACE ${soci_core_INCLUDE}/soci)
target_link_libraries(pyfops_soci INTERFACE pyfops_soci_sqlite3 pyfops_soci_mysql pyfops_soci_core pyfops_sqlite3 pyfops_mariadb)
