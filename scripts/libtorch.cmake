# LibTorch and oneDNN, which must come from the same distribution or be kept apart. Sets torch_libraries, torch_folder,
# torch_is_packaged, onednn_library and our_headers, and for an installed duet onednn_installed and
# our_installed_headers.
find_package(Torch REQUIRED)
if(TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  message(FATAL_ERROR "The LibTorch in ${TORCH_INSTALL_PREFIX} is built with the old C++ ABI, the other libraries with "
                      "the new one; expected its cxx11-ABI build. Use that one.")
endif()
# By targets only: TORCH_LIBRARIES also has a path, which is the packaged library's even if another LibTorch is used.
set(torch_libraries torch torch_library c10)
get_target_property(kind c10 IMPORTED_CONFIGURATIONS)
list(GET kind 0 kind)
get_target_property(torch_folder c10 IMPORTED_LOCATION_${kind})
cmake_path(GET torch_folder PARENT_PATH torch_folder)
set(torch_is_packaged OFF)
if(torch_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  set(torch_is_packaged ON)
endif()

# Not by its CMake package, which on Debian requires OpenCL; and not below CMAKE_PREFIX_PATH, where a LibTorch 2.x has
# headers and a static library of the oneDNN 3 that it is built with.
find_library(DNNL_LIBRARY dnnl REQUIRED NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH)
set(onednn_library ${DNNL_LIBRARY})
set(onednn_installed ${DNNL_LIBRARY})

if(NOT torch_is_packaged)
  # It contains a oneDNN of another version and exports a few of its inline functions, which the system's oneDNN would
  # call instead of its own: matrix products then fail. So a copy that prefers its own symbols is linked and installed.
  find_program(PYTHON3 python3 REQUIRED)
  execute_process(COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/own_symbols.py ${DNNL_LIBRARY}
                          ${PROJECT_BINARY_DIR}/apart
                  OUTPUT_VARIABLE onednn_library COMMAND_ERROR_IS_FATAL ANY)
  cmake_path(GET onednn_library FILENAME onednn_installed)
  set(onednn_installed $<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/duet/${onednn_installed})
endif()

# It also has headers of the libraries that it contains, oneDNN and fmt. A folder with only the headers of the libraries
# that we link comes before them.
get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
set(our_headers ${PROJECT_BINARY_DIR}/ours)
file(MAKE_DIRECTORY ${our_headers})
file(CREATE_LINK ${DNNL_INCLUDE_DIR}/oneapi ${our_headers}/oneapi SYMBOLIC)
file(CREATE_LINK ${fmt_headers}/fmt ${our_headers}/fmt SYMBOLIC)
set(our_installed_headers)
if(NOT torch_is_packaged)
  set(our_installed_headers ${CMAKE_INSTALL_LIBDIR}/duet/include)
endif()
