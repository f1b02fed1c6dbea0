# SPDX-License-Identifier: Apache-2.0
# pyfops_add_conformance(<name> SOURCES conformance.cpp [PLUGIN id] [TIMEOUT seconds]) builds <name>_conformance, which
# runs the conformance suite for the plugin pyfops_<id> (left out: pyfops_<name>) and its local stand-in; the checks
# of an area become one test of ctest, named "conformance <name>: <area>". An area that does not apply is reported as
# skipped, and the program's output says why.
function(pyfops_add_conformance name)
  cmake_parse_arguments(ARG "" "PLUGIN;TIMEOUT" "SOURCES" ${ARGN})
  if(NOT ARG_PLUGIN)
    set(ARG_PLUGIN ${name})
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 400)
  endif()
  if(NOT PYFOPS_PLUGIN_OUTPUT_DIRECTORY)
    set(PYFOPS_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/pyfops/plugins)
  endif()
  set(program ${name}_conformance)
  add_executable(${program} ${ARG_SOURCES})
  target_compile_features(${program} PRIVATE cxx_std_20)
  target_link_libraries(${program} PRIVATE pyfops::conformance)
  foreach(needed pyfops_${ARG_PLUGIN} pyfops_${ARG_PLUGIN}_emulator pyfops_emulator_program)
    if(TARGET ${needed})
      add_dependencies(${program} ${needed})
    endif()
  endforeach()
  if(TARGET pyfops_build)
    target_link_libraries(${program} PRIVATE pyfops_build)
  endif()

  set(tests ${CMAKE_CURRENT_BINARY_DIR}/${program}_tests.cmake)
  add_custom_command(TARGET ${program} POST_BUILD BYPRODUCTS ${tests}
    COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:${program}> -DPLUGINS=${PYFOPS_PLUGIN_OUTPUT_DIRECTORY}
            "-DPREFIX=conformance ${name}:" -DTIMEOUT=${ARG_TIMEOUT} -DOUTPUT=${tests}
            -P ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/list_conformance.cmake
    VERBATIM)
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${program}_include.cmake
    "if(EXISTS \"${tests}\")\n  include(\"${tests}\")\nelse()\n  add_test(\"conformance ${name}: not built\" not-built)\nendif()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${program}_include.cmake)
endfunction()
