# SPDX-License-Identifier: Apache-2.0
# The injection library shows the program that loads it two functions, and needs nothing that it may not have.
execute_process(COMMAND ${NM} -D --defined-only ${LIBRARY} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n]+\n" names "${symbols}")
list(TRANSFORM names STRIP)
list(SORT names)
if(NOT names STREQUAL "InitializeInjection;InitializeInjectionNvtx2")
  message(FATAL_ERROR "exported: ${names}")
endif()

execute_process(COMMAND ${READELF} -d ${LIBRARY} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "[" "<" dynamic "${dynamic}")  # a bracket would glue the elements of a list together
string(REGEX MATCHALL "Shared library: <[^]]+" needed "${dynamic}")
list(TRANSFORM needed REPLACE "Shared library: <" "")
set(allowed "^(libcupti|libc|libstdc[+][+]|libgcc_s|libm|libdl|libpthread|ld-linux-[^.]+)[.]so")
foreach(library IN LISTS needed)
  if(NOT library MATCHES "${allowed}")
    message(FATAL_ERROR "needs ${library}")
  endif()
endforeach()
if(NOT needed MATCHES "libcupti")
  message(FATAL_ERROR "needs no libcupti, only ${needed}")
endif()
