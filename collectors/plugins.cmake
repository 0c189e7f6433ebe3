# SPDX-License-Identifier: Apache-2.0
# Where the injection library is installed, and how a program in the bin folder finds it wherever the prefix is moved to.
set(hopsim_plugins ${CMAKE_INSTALL_LIBDIR}/hopsim)
file(RELATIVE_PATH plugins_from_bin ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR}/hopsim)
