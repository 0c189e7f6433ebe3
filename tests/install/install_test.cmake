# SPDX-License-Identifier: Apache-2.0
# Installs the build into a prefix, moves the prefix, and uses it as a stranger would: from another folder, with no
# source tree to fall back on, and with find_package from a small project of its own.
# -DBUILD=... -DWORK=... -DGENERATOR=... -DCXX=... -DC=...
unset(ENV{HOPSIM_DATA})
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK}/elsewhere)

# run(STATUS OUTPUT COMMAND...): runs it in another folder; its status must be STATUS and its output match OUTPUT.
function(run expected pattern)
  execute_process(COMMAND ${ARGN} WORKING_DIRECTORY ${WORK}/elsewhere RESULT_VARIABLE status
                  OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL ${expected} OR NOT output MATCHES "${pattern}")
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n  gives ${status}, not ${expected} with '${pattern}':\n${output}")
  endif()
endfunction()

run(0 "" ${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/prefix)
set(hopsim ${WORK}/prefix/bin/hopsim)
set(data ${WORK}/prefix/share/hopsim)

run(0 "h100-80-sxm" ${hopsim} list gpus)
run(0 "verdict" ${hopsim} run --gpu l4 --model qwen3-0.6b --stack marlin/int4 --batch 1 --json)
run(0 "points" ${hopsim} sweep paper --dry-run)
run(0 "sign" ${hopsim} validate ${data}/tests/validation/torchao.yaml)
run(2 "" ${WORK}/prefix/bin/hopsim-collect -- true)

# doctor finds the collector, and says where the build has none.
file(GLOB_RECURSE collector ${WORK}/prefix/*/libhopsim_cupti.so)
if(collector)
  run(0 "ok +hopsim-collect +${WORK}/prefix/bin/hopsim-collect" ${hopsim} doctor)
else()
  run(0 "missing +hopsim-collect +built without CUPTI" ${hopsim} doctor)
endif()

# A profile of one's own under the prefix is found, and without the prefix's data nothing else is: not the source tree.
file(COPY_FILE ${data}/hw_profiles/l4.yaml ${data}/hw_profiles/my-l4.yaml)
set(scenario run --model qwen3-0.6b --stack marlin/int4 --gpu my-l4)
run(0 "batch 1" ${hopsim} ${scenario})
file(RENAME ${data} ${WORK}/data)
run(2 "share/hopsim: no hopsim data here; .*HOPSIM_DATA" ${hopsim} list gpus)
run(0 "batch 1" ${CMAKE_COMMAND} -E env HOPSIM_DATA=${WORK}/data ${hopsim} ${scenario})
file(RENAME ${WORK}/data ${data})

run(0 "" ${CMAKE_COMMAND} -G ${GENERATOR} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${WORK}/consumer
    -DCMAKE_PREFIX_PATH=${WORK}/prefix -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_C_COMPILER=${C})
run(0 "" ${CMAKE_COMMAND} --build ${WORK}/consumer)
run(0 "^[1-9][0-9]+ kernels" ${WORK}/consumer/consumer)
unset(ENV{HOPSIM_DATA})
file(REMOVE_RECURSE ${WORK})
