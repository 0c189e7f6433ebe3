# SPDX-License-Identifier: Apache-2.0
# Finds what the injection library is built with, in a CUDA toolkit (CUPTI below extras/ or beside the rest) or a
# folder put together from NVIDIA's wheels: the target hopsim_cupti_api is there where it is.
set(HOPSIM_CUPTI AUTO CACHE STRING "Build the CUPTI injection library: AUTO (where CUPTI is found), ON, OFF")
set_property(CACHE HOPSIM_CUPTI PROPERTY STRINGS AUTO ON OFF)

# Why CUPTI can't be used, into `reason`; empty where it can.
function(hopsim_find_cupti reason)
  set(roots ${CUDAToolkit_ROOT} $ENV{CUDA_HOME} $ENV{CUDA_PATH} /usr/local/cuda)
  set(include_folders extras/CUPTI/include targets/x86_64-linux/include targets/sbsa-linux/include include)
  set(library_folders extras/CUPTI/lib64 targets/x86_64-linux/lib targets/sbsa-linux/lib lib64 lib)
  find_path(HOPSIM_CUPTI_INCLUDE cupti.h HINTS ${roots} PATH_SUFFIXES ${include_folders})
  find_path(HOPSIM_CUDA_INCLUDE cuda.h HINTS ${roots} PATH_SUFFIXES ${include_folders})
  find_path(HOPSIM_NVTX_INCLUDE nvtx3/nvToolsExt.h HINTS ${roots} PATH_SUFFIXES ${include_folders})
  find_library(HOPSIM_CUPTI_LIBRARY NAMES cupti libcupti.so.13 HINTS ${roots} PATH_SUFFIXES ${library_folders})
  mark_as_advanced(HOPSIM_CUPTI_INCLUDE HOPSIM_CUDA_INCLUDE HOPSIM_NVTX_INCLUDE HOPSIM_CUPTI_LIBRARY)
  foreach(part HOPSIM_CUPTI_INCLUDE=cupti.h HOPSIM_CUDA_INCLUDE=cuda.h HOPSIM_NVTX_INCLUDE=nvtx3/nvToolsExt.h
               HOPSIM_CUPTI_LIBRARY=libcupti.so)
    string(REGEX MATCH "^([^=]+)=(.+)$" ignored ${part})
    if(NOT ${CMAKE_MATCH_1})
      set(${reason} "${CMAKE_MATCH_2} is not found" PARENT_SCOPE)
      return()
    endif()
  endforeach()
  file(STRINGS ${HOPSIM_CUPTI_INCLUDE}/cupti_version.h line REGEX "#define CUPTI_API_VERSION")
  string(REGEX MATCH "[0-9]+$" version "${line}")
  if(NOT version OR version LESS 130000)
    set(${reason} "CUPTI of CUDA 13 or newer is needed, ${HOPSIM_CUPTI_INCLUDE} holds version ${version}" PARENT_SCOPE)
    return()
  endif()
  set(${reason} "" PARENT_SCOPE)
  set(version ${version} PARENT_SCOPE)
endfunction()

if(NOT HOPSIM_CUPTI MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "HOPSIM_CUPTI=${HOPSIM_CUPTI}: AUTO, ON or OFF is allowed")
endif()
if(HOPSIM_CUPTI STREQUAL "OFF")
  message(STATUS "CUPTI injection library: not built (HOPSIM_CUPTI=OFF)")
else()
  hopsim_find_cupti(reason)
  if(NOT reason)
    message(STATUS "CUPTI injection library: built with ${HOPSIM_CUPTI_LIBRARY} (version ${version})")
    add_library(hopsim_cupti_api UNKNOWN IMPORTED GLOBAL)
    set_target_properties(hopsim_cupti_api PROPERTIES
      IMPORTED_LOCATION ${HOPSIM_CUPTI_LIBRARY}
      INTERFACE_INCLUDE_DIRECTORIES "${HOPSIM_CUPTI_INCLUDE};${HOPSIM_CUDA_INCLUDE};${HOPSIM_NVTX_INCLUDE}")
  elseif(HOPSIM_CUPTI STREQUAL "ON")
    message(FATAL_ERROR "HOPSIM_CUPTI=ON, but ${reason}. Install the CUDA 13 toolkit with CUPTI, or name its folder "
                        "with -DCUDAToolkit_ROOT=DIR; -DHOPSIM_CUPTI=OFF builds everything else.")
  else()
    message(STATUS "CUPTI injection library: not built, ${reason} (-DCUDAToolkit_ROOT=DIR names a CUDA toolkit)")
  endif()
endif()
