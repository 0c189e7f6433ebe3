# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT with the version and the git revision, touching it only when they changed.
execute_process(COMMAND git describe --always --dirty --abbrev=10 WORKING_DIRECTORY ${SOURCE}
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(revision unknown)
endif()
set(text "#include \"app/git_revision.hpp\"\n\nnamespace hopsim::app {\nconst char* const kVersion = \"${VERSION}\";\nconst char* const kGitRevision = \"${revision}\";\n}  // namespace hopsim::app\n")
if(EXISTS ${OUTPUT})
  file(READ ${OUTPUT} before)
endif()
if(NOT text STREQUAL "${before}")
  file(WRITE ${OUTPUT} "${text}")
endif()
