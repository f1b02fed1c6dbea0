# SPDX-License-Identifier: Apache-2.0
# How everything here is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo)
endif()
# -g1: line numbers in backtraces; full debug information triples what is written and linked.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")

option(PYFOPS_WERROR "Warnings are errors" OFF)
set(PYFOPS_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

# One folder for the program, the libraries and the modules: each finds the others beside it.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
set(PYFOPS_PLUGIN_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib/pyfops/plugins)

find_program(PYFOPS_CCACHE ccache)
if(PYFOPS_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${PYFOPS_CCACHE})
endif()

add_library(pyfops_warnings INTERFACE)
target_compile_options(pyfops_warnings INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
# GCC 12 warns of its own string and optional code at -O2 (PR105329, PR105562; of more of it when it is precompiled and
# no longer taken for a system's header), and of Asio's coroutine frames where it inlines only one of their operators
# new and delete (PR103993).
target_compile_options(pyfops_warnings INTERFACE
  $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
  -Wno-mismatched-new-delete>)

add_library(pyfops_build INTERFACE)
target_link_libraries(pyfops_build INTERFACE pyfops_warnings)
if(PYFOPS_WERROR)
  target_compile_options(pyfops_build INTERFACE -Werror)
endif()
if(PYFOPS_SANITIZE)
  target_compile_options(pyfops_build INTERFACE -fsanitize=${PYFOPS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(pyfops_build INTERFACE -fsanitize=${PYFOPS_SANITIZE})
endif()
find_program(PYFOPS_LLD NAMES ld.lld ld.lld-16 ld.lld-14)
if(PYFOPS_LLD)
  target_link_options(pyfops_build INTERFACE -fuse-ld=lld)
endif()
