# SPDX-License-Identifier: Apache-2.0
# The Python files and pins of the packager, inside libpyfops.
add_library(pyfops_packaging_files OBJECT)
pyfops_embed(pyfops_packaging_files NAMESPACE pyfops::packaging::files BASE ${CMAKE_CURRENT_LIST_DIR}/files
  FILES build.txt build_wheel.py checker.py index.py tools.txt)
target_link_libraries(pyfops_packaging_files PRIVATE pyfops_warnings)
target_sources(pyfops_core PRIVATE $<TARGET_OBJECTS:pyfops_packaging_files>)
target_include_directories(pyfops_core PRIVATE ${CMAKE_CURRENT_BINARY_DIR})
add_dependencies(pyfops_core pyfops_packaging_files)
