# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts where, and what find_package(pyfops) gives: pyfops::core, pyfops::sdk,
# pyfops::testing, pyfops::conformance, pyfops::emulator and the functions pyfops_add_plugin() and
# pyfops_add_conformance().
set(PYFOPS_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/pyfops)

set_target_properties(pyfops_core pyfops_emulator PROPERTIES INSTALL_RPATH "$ORIGIN")
install(TARGETS pyfops_core pyfops_emulator pyfops_sdk pyfops_testing pyfops_conformance EXPORT pyfops
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
foreach(folder core/include core/emulator/include sdk/include sdk/testing/include sdk/conformance/include)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/core/include/pyfops/version.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/pyfops)

install(EXPORT pyfops NAMESPACE pyfops:: DESTINATION ${PYFOPS_CMAKE_DIR} FILE pyfopsTargets.cmake)
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/pyfopsConfig.cmake.in ${PROJECT_BINARY_DIR}/pyfopsConfig.cmake
  INSTALL_DESTINATION ${PYFOPS_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/pyfopsConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/pyfopsConfig.cmake ${PROJECT_BINARY_DIR}/pyfopsConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/cmake/PyfopsAddPlugin.cmake ${PROJECT_SOURCE_DIR}/cmake/PyfopsEmbed.cmake
              ${PROJECT_SOURCE_DIR}/cmake/embed_text.cmake ${PROJECT_SOURCE_DIR}/cmake/PyfopsConformance.cmake
              ${PROJECT_SOURCE_DIR}/cmake/list_conformance.cmake
  DESTINATION ${PYFOPS_CMAKE_DIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
