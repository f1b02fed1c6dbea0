# SPDX-License-Identifier: Apache-2.0
# pyfops_embed(target NAMESPACE ns FILES a.py b.sql [BASE dir]): compiles text files into `target` as
# `std::string_view ns::text(std::string_view path)` and `ns::paths()`, declared in "<target>_embedded.hpp".
function(pyfops_embed target)
  cmake_parse_arguments(ARG "" "NAMESPACE;BASE" "FILES" ${ARGN})
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.cpp)
  set(header ${CMAKE_CURRENT_BINARY_DIR}/${target}_embedded.hpp)
  list(TRANSFORM ARG_FILES PREPEND "${ARG_BASE}/" OUTPUT_VARIABLE inputs)
  add_custom_command(
    OUTPUT ${source} ${header}
    COMMAND ${CMAKE_COMMAND} -DNAMESPACE=${ARG_NAMESPACE} -DBASE=${ARG_BASE} "-DFILES=${ARG_FILES}"
            -DSOURCE=${source} -DHEADER=${header} -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_text.cmake
    DEPENDS ${inputs} ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/embed_text.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${source} ${header})
  target_include_directories(${target} PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
endfunction()
