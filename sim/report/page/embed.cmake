# SPDX-License-Identifier: Apache-2.0
# Writes OUTPUT, a C++ file with the texts that page/assets.hpp declares. SCRIPTS and the rest are paths; scripts share
# one scope and are joined in their order.
set(code "// SPDX-License-Identifier: Apache-2.0\n#include \"report/page/assets.hpp\"\n\nnamespace hopsim::report::assets {\n")

function(hopsim_embed name)
  set(text)
  foreach(file IN LISTS ARGN)
    file(READ ${file} part)
    string(APPEND text "${part}")
  endforeach()
  set(code "${code}const std::string_view ${name} = R\"~~page~~(${text})~~page~~\";\n" PARENT_SCOPE)
endfunction()

string(REPLACE "|" ";" SCRIPTS "${SCRIPTS}")
hopsim_embed(kTemplate ${TEMPLATE})
hopsim_embed(kStyle ${STYLE})
hopsim_embed(kScript ${SCRIPTS})
hopsim_embed(kD3 ${D3})
hopsim_embed(kD3Licence ${D3_LICENCE})
file(WRITE ${OUTPUT} "${code}}  // namespace hopsim::report::assets\n")
