# LibTorch and oneDNN, which must come from one maker or be kept apart. Sets torch_libraries, torch_folder,
# torch_is_packaged, onednn_library and our_headers, and of the last two what is installed: onednn_installed and
# our_installed_headers.
find_package(Torch REQUIRED)
if(TORCH_CXX_FLAGS MATCHES "_GLIBCXX_USE_CXX11_ABI=0")
  message(FATAL_ERROR "The LibTorch in ${TORCH_INSTALL_PREFIX} is built with the old C++ ABI, the other libraries with the new one; "
                      "expected its cxx11-ABI build. Take that one.")
endif()
# By targets alone: TORCH_LIBRARIES has a path as well, which is the packaged library's even where LibTorch is another.
set(torch_libraries torch torch_library c10)
get_target_property(kind c10 IMPORTED_CONFIGURATIONS)
list(GET kind 0 kind)
get_target_property(torch_folder c10 IMPORTED_LOCATION_${kind})
cmake_path(GET torch_folder PARENT_PATH torch_folder)
set(torch_is_packaged OFF)
if(torch_folder IN_LIST CMAKE_CXX_IMPLICIT_LINK_DIRECTORIES)
  set(torch_is_packaged ON)
endif()

# Not by its CMake package, which on Debian wants OpenCL beside it; and not below CMAKE_PREFIX_PATH, where a LibTorch 2.x
# has headers and a static library of the oneDNN 3 that it is built with.
find_library(DNNL_LIBRARY dnnl REQUIRED NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH)
find_path(DNNL_INCLUDE_DIR oneapi/dnnl/dnnl.hpp REQUIRED NO_CMAKE_PATH NO_CMAKE_ENVIRONMENT_PATH)
set(onednn_library ${DNNL_LIBRARY})
set(onednn_installed ${DNNL_LIBRARY})

if(NOT torch_is_packaged)
  # It holds a oneDNN of its own, of another version, and gives away a few of its inline functions, which the system's
  # would take for its own: matrix products fail then. A copy that takes its own first is linked, and installed.
  find_program(PYTHON3 python3 REQUIRED)
  execute_process(COMMAND ${PYTHON3} ${PROJECT_SOURCE_DIR}/scripts/own_symbols.py ${DNNL_LIBRARY} ${PROJECT_BINARY_DIR}/apart
                  OUTPUT_VARIABLE onednn_library COMMAND_ERROR_IS_FATAL ANY)
  cmake_path(GET onednn_library FILENAME onednn_installed)
  set(onednn_installed $<INSTALL_PREFIX>/${CMAKE_INSTALL_LIBDIR}/duet/${onednn_installed})
endif()

# It has headers of libraries that it holds beside its own, oneDNN and fmt; those of the libraries that we link come
# before them by a folder that has nothing else.
get_target_property(fmt_headers fmt::fmt INTERFACE_INCLUDE_DIRECTORIES)
set(our_headers ${PROJECT_BINARY_DIR}/ours)
file(MAKE_DIRECTORY ${our_headers})
file(CREATE_LINK ${DNNL_INCLUDE_DIR}/oneapi ${our_headers}/oneapi SYMBOLIC)
file(CREATE_LINK ${fmt_headers}/fmt ${our_headers}/fmt SYMBOLIC)
set(our_installed_headers)
if(NOT torch_is_packaged)
  set(our_installed_headers ${CMAKE_INSTALL_LIBDIR}/duet/include)
endif()
