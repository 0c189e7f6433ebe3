# SPDX-License-Identifier: Apache-2.0
# Every C++ file is formatted as clang-format 14 does it.
find_program(clang_format NAMES clang-format-14 clang-format)
if(NOT clang_format)
  message(FATAL_ERROR "clang-format is not installed")
endif()
file(GLOB_RECURSE files ${SOURCE}/sim/*.hpp ${SOURCE}/sim/*.cpp ${SOURCE}/collectors/*.hpp
     ${SOURCE}/collectors/*.cpp ${SOURCE}/collectors/*.cu ${SOURCE}/tests/*.hpp ${SOURCE}/tests/*.cpp ${SOURCE}/tests/*.cu)
execute_process(COMMAND ${clang_format} --dry-run --Werror ${files} RESULT_VARIABLE status ERROR_VARIABLE output)
if(NOT status EQUAL 0)
  string(SUBSTRING "${output}" 0 2000 start)
  message(FATAL_ERROR "not formatted (clang-format -i mends it):\n${start}")
endif()
