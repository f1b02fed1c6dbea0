# SPDX-License-Identifier: Apache-2.0
find_package(doctest REQUIRED)
include(doctest)

# Where the reference material lies when it is there; tests that need it are skipped where it is not.
set(PYFOPS_REFERENCE ${PROJECT_SOURCE_DIR}/../shared/reference CACHE PATH "Reference material (optional)")

# What the tests' projects need of tools and packages is fetched once for all of them.
get_filename_component(PYFOPS_TEST_CACHE ${PROJECT_BINARY_DIR}/../test-cache ABSOLUTE)

# Sanitizers make a program several times slower.
function(pyfops_sanitized_timeout variable)
  if(PYFOPS_SANITIZE)
    math(EXPR seconds "${${variable}} * 4")
    set(${variable} ${seconds} PARENT_SCOPE)
  endif()
endfunction()

# pyfops_add_tests(name [LIBRARIES ...] [SERIAL] [TIMEOUT seconds]): the *.cpp of this folder become one program;
# every TEST_CASE becomes one test of ctest. A case that prints "SKIPPED:" is reported as skipped. No commas
# in the names of test cases: doctest takes them for a list.
function(pyfops_add_tests name)
  cmake_parse_arguments(ARG "SERIAL" "TIMEOUT" "LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS *.cpp)
  add_executable(${name}_tests ${sources} ${PROJECT_SOURCE_DIR}/tests/support/doctest_main.cpp)
  set_target_properties(${name}_tests PROPERTIES PYFOPS_TEST TRUE)
  target_include_directories(${name}_tests PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/core/src)
  target_link_libraries(${name}_tests PRIVATE pyfops_build pyfops::core fmt::fmt doctest::doctest ${ARG_LIBRARIES})
  target_compile_definitions(${name}_tests PRIVATE
    PYFOPS_SOURCE_DIR="${PROJECT_SOURCE_DIR}" PYFOPS_BINARY_DIR="${PROJECT_BINARY_DIR}"
    PYFOPS_REFERENCE_DIR="${PYFOPS_REFERENCE}")
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  pyfops_sanitized_timeout(ARG_TIMEOUT)
  set(serial "")
  if(ARG_SERIAL)
    set(serial RUN_SERIAL TRUE)
  endif()
  doctest_discover_tests(${name}_tests TEST_PREFIX "${name}: "
    PROPERTIES SKIP_REGULAR_EXPRESSION "SKIPPED:" TIMEOUT ${ARG_TIMEOUT} ${serial})
endfunction()

# pyfops_add_pytest(name FILES a_test.py ... [TIMEOUT seconds]): one test of ctest a file, run by pytest from a
# virtual environment of the pinned tests/requirements/clients.txt, which is made when the first one runs. The files
# find the build in the environment: PYFOPS_BIN, PYFOPS_PLUGINS, PYFOPS_REFERENCE_DIR.
set(PYFOPS_TEST_VENV ${PROJECT_BINARY_DIR}/../venv-tests)
function(pyfops_add_pytest name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "FILES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 900) # several run at a time
  endif()
  pyfops_sanitized_timeout(ARG_TIMEOUT)
  get_property(made GLOBAL PROPERTY PYFOPS_TEST_VENV_MADE)
  if(NOT made)
    set_property(GLOBAL PROPERTY PYFOPS_TEST_VENV_MADE TRUE)
    add_test(NAME "tests: python environment"
      COMMAND ${PROJECT_SOURCE_DIR}/cmake/test_venv.sh ${PYFOPS_TEST_VENV} ${PROJECT_SOURCE_DIR}/tests/requirements/clients.txt)
    set_tests_properties("tests: python environment" PROPERTIES FIXTURES_SETUP test_venv TIMEOUT 600)
  endif()
  foreach(file IN LISTS ARG_FILES)
    get_filename_component(stem ${file} NAME_WE)
    add_test(NAME "${name}: ${stem}"
      COMMAND ${PYFOPS_TEST_VENV}/bin/python -m pytest -q -rs -p no:cacheprovider ${CMAKE_CURRENT_SOURCE_DIR}/${file})
    set_tests_properties("${name}: ${stem}" PROPERTIES
      FIXTURES_REQUIRED test_venv TIMEOUT ${ARG_TIMEOUT}
      SKIP_REGULAR_EXPRESSION "whole file skipped"
      ENVIRONMENT "PYTHONDONTWRITEBYTECODE=1;PYFOPS_TEST_CACHE=${PYFOPS_TEST_CACHE};PYFOPS_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};PYFOPS_PLUGINS=${PYFOPS_PLUGIN_OUTPUT_DIRECTORY};PYFOPS_REFERENCE_DIR=${PYFOPS_REFERENCE};PYFOPS_SOURCE_DIR=${PROJECT_SOURCE_DIR}")
  endforeach()
endfunction()
