# SPDX-License-Identifier: Apache-2.0
# Layer test: a folder of sim/ includes only what stands before it in the data flow, and third-party headers stay where
# house style puts them. A wrong include is an error here even where it would link.
set(order base io trace spec lowering cost replay metrics sweep report app)
set(errors)

# Pattern of an include, and the files that may hold it.
set(quarantine
    "simgrid/|^replay/simgrid/"
    "boost/graph|^spec/chain.cpp$"
    "Random123|^base/random.cpp$"
    "yaml-cpp|^io/"
    "nlohmann|^io/"
    "hdf5.h|^io/"
    "muParser|^io/"
    "openssl|^io/"
    "zlib|^io/"
    "simdjson|^trace/import/kineto/"
    "sqlite3|^trace/import/nsys/"
    "mpi.h|^sweep/mpi_"
    "ceres/|^cost/fit/"
    "Eigen/|^cost/fit/"
    "CLI/|^app/")

file(GLOB_RECURSE files RELATIVE ${SOURCE}/sim ${SOURCE}/sim/*.hpp ${SOURCE}/sim/*.cpp)
foreach(file IN LISTS files)
  string(REGEX MATCH "^[^/]+" folder ${file})
  list(FIND order ${folder} mine)
  if(mine EQUAL -1)
    list(APPEND errors "${file}: folder '${folder}' is not in the order of layers")
    continue()
  endif()
  file(STRINGS ${SOURCE}/sim/${file} includes REGEX "^#include ")
  foreach(line IN LISTS includes)
    if(line MATCHES "^#include \"([^/\"]+)/")
      list(FIND order ${CMAKE_MATCH_1} theirs)
      if(theirs EQUAL -1 OR theirs GREATER mine)
        list(APPEND errors "${file}: ${line}: not below this layer")
      endif()
    endif()
    foreach(rule IN LISTS quarantine)
      string(REGEX MATCH "^([^|]+)[|](.+)$" ignored ${rule})
      set(pattern ${CMAKE_MATCH_1})
      set(allowed ${CMAKE_MATCH_2})
      if(line MATCHES "[<\"]${pattern}" AND NOT file MATCHES "${allowed}")
        list(APPEND errors "${file}: ${line}: only in ${allowed}")
      endif()
    endforeach()
  endforeach()
endforeach()

# What runs inside other people's programs knows of sim/ only the spool's layout, which the importer
# reads; and CUDA is known only where CUDA is recorded, exercised or tested.
set(cuda_headers "^#include [<\"](cupti|cuda|nvtx|nvToolsExt|nvml|generated_nvtx|cublas|cudnn)")
set(cuda_folders "^(collectors/cupti|collectors/workloads|tests/unit/collectors)/")
file(GLOB_RECURSE files RELATIVE ${SOURCE} ${SOURCE}/sim/*.[ch]pp ${SOURCE}/collectors/*.[ch]pp ${SOURCE}/tests/*.[ch]pp)
foreach(file IN LISTS files)
  file(STRINGS ${SOURCE}/${file} includes REGEX "^#include ")
  foreach(line IN LISTS includes)
    # "cupti/...hpp" is a header of ours.
    if(line MATCHES "${cuda_headers}" AND NOT line MATCHES "[.]hpp\"" AND NOT file MATCHES "${cuda_folders}")
      list(APPEND errors "${file}: ${line}: only in ${cuda_folders}")
    endif()
    if(file MATCHES "^collectors/(core|cupti|nvml)/" AND line MATCHES "^#include \"([^/\"]+)/"
       AND NOT line MATCHES "\"(core|cupti|nvml)/|\"trace/import/spool/spool_format.hpp\"")
      list(APPEND errors "${file}: ${line}: of sim/, only the spool's layout")
    endif()
    if(file MATCHES "^sim/" AND line MATCHES "\"(core|cupti|nvml|workloads)/")
      list(APPEND errors "${file}: ${line}: sim/ includes nothing of collectors/")
    endif()
    if(file MATCHES "^collectors/core/" AND line MATCHES "\"(cupti|nvml|workloads)/")
      list(APPEND errors "${file}: ${line}: not below this layer")
    endif()
  endforeach()
endforeach()

if(errors)
  list(JOIN errors "\n  " text)
  message(FATAL_ERROR "includes that break the layers:\n  ${text}")
endif()
