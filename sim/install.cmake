# SPDX-License-Identifier: Apache-2.0
# What `cmake --install` puts under a prefix: the command, its data, the libraries with their headers, and the package
# that find_package(hopsim CONFIG) reads. Nothing of it holds a path of the prefix, so the prefix may be moved.
include(CMakePackageConfigHelpers)

add_library(hopsim_all INTERFACE)
add_library(hopsim::hopsim ALIAS hopsim_all)
set_target_properties(hopsim_all PROPERTIES EXPORT_NAME hopsim)
target_link_libraries(hopsim_all INTERFACE hopsim_report)  # the last layer; it brings all but fit
install(TARGETS hopsim_all EXPORT hopsim)

install(TARGETS hopsim RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sim/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hopsim
        FILES_MATCHING PATTERN "*.hpp" PATTERN app EXCLUDE)

# The folders that spec/library.hpp looks into, and the suites of `hopsim validate`.
set(data ${CMAKE_INSTALL_DATADIR}/hopsim)
foreach(folder hw_profiles experiments tests/validation)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder}/ DESTINATION ${data}/${folder} FILES_MATCHING PATTERN "*.yaml")
endforeach()
install(FILES ${PROJECT_SOURCE_DIR}/traces/kernel_classes.yaml DESTINATION ${data}/traces)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/hopsim)
configure_package_config_file(hopsim-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/hopsim-config.cmake
  INSTALL_DESTINATION ${package} PATH_VARS data)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/hopsim-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/hopsim-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/hopsim-config-version.cmake
        DESTINATION ${package})
install(EXPORT hopsim NAMESPACE hopsim:: FILE hopsim-targets.cmake DESTINATION ${package})

# Completions come from the command, where it has them.
install(CODE "
  foreach(place bash:bash-completion/completions/hopsim zsh:zsh/site-functions/_hopsim)
    string(REGEX MATCH \"^(.+):(.+)/(.+)$\" ignored \${place})
    set(file ${CMAKE_CURRENT_BINARY_DIR}/\${CMAKE_MATCH_3})
    set(folder \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/\${CMAKE_MATCH_2}\")
    execute_process(COMMAND $<TARGET_FILE:hopsim> completion \${CMAKE_MATCH_1} RESULT_VARIABLE status
                    OUTPUT_FILE \${file} ERROR_QUIET)
    if(status EQUAL 0)
      file(INSTALL DESTINATION \${folder} TYPE FILE FILES \${file})
    endif()
  endforeach()")
