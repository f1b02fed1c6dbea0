# SPDX-License-Identifier: Apache-2.0
# pyfops_add_plugin(<id> SOURCES a.cpp ... [EMULATOR_SOURCES b.cpp ...] [LIBRARIES t ...]
#                   [EMBED f.py ... [EMBED_BASE dir] [EMBED_NAMESPACE ns]] [NO_INSTALL])
# builds pyfops_<id>.so, the provider (target pyfops_<id>), and, where there are EMULATOR_SOURCES,
# pyfops_<id>_emulator.so, its local stand-in (target pyfops_<id>_emulator), in PYFOPS_PLUGIN_OUTPUT_DIRECTORY
# (default: pyfops/plugins below the build directory). LIBRARIES are linked to both. EMBEDded text files are
# read in the provider through "pyfops_<id>_embedded.hpp" (namespace default: <id>_files).
include(GNUInstallDirs)
include(${CMAKE_CURRENT_LIST_DIR}/PyfopsEmbed.cmake)

function(pyfops_plugin_module target)
  if(NOT PYFOPS_PLUGIN_OUTPUT_DIRECTORY)
    set(PYFOPS_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/pyfops/plugins)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX "" OUTPUT_NAME ${target}
    LIBRARY_OUTPUT_DIRECTORY ${PYFOPS_PLUGIN_OUTPUT_DIRECTORY}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON
    INSTALL_RPATH "$ORIGIN/../..")
  target_compile_features(${target} PRIVATE cxx_std_20)
  if(TARGET pyfops_build)
    target_link_libraries(${target} PRIVATE pyfops_build)
  endif()
endfunction()

function(pyfops_add_plugin id)
  cmake_parse_arguments(ARG "NO_INSTALL" "EMBED_BASE;EMBED_NAMESPACE" "SOURCES;EMULATOR_SOURCES;LIBRARIES;EMBED" ${ARGN})
  set(modules "")
  if(ARG_SOURCES)
    add_library(pyfops_${id} MODULE ${ARG_SOURCES})
    pyfops_plugin_module(pyfops_${id})
    target_link_libraries(pyfops_${id} PRIVATE pyfops::sdk ${ARG_LIBRARIES})
    list(APPEND modules pyfops_${id})
  endif()
  if(ARG_EMBED)
    if(NOT ARG_EMBED_BASE)
      set(ARG_EMBED_BASE ${CMAKE_CURRENT_SOURCE_DIR})
    endif()
    if(NOT ARG_EMBED_NAMESPACE)
      set(ARG_EMBED_NAMESPACE ${id}_files)
    endif()
    pyfops_embed(pyfops_${id} NAMESPACE ${ARG_EMBED_NAMESPACE} BASE ${ARG_EMBED_BASE} FILES ${ARG_EMBED})
  endif()
  if(ARG_EMULATOR_SOURCES)
    add_library(pyfops_${id}_emulator MODULE ${ARG_EMULATOR_SOURCES})
    pyfops_plugin_module(pyfops_${id}_emulator)
    target_link_libraries(pyfops_${id}_emulator PRIVATE pyfops::sdk pyfops::emulator ${ARG_LIBRARIES})
    list(APPEND modules pyfops_${id}_emulator)
  endif()
  if(modules AND NOT ARG_NO_INSTALL)
    install(TARGETS ${modules} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/pyfops/plugins)
  endif()
endfunction()
