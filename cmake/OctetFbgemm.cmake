# octet_fbgemm, and what it is linked against: `fake_torch`, a small libtorch_cpu.so that defines
# exactly those symbols of FBGEMM that the bridge calls. At run time the loader takes the real one,
# which is in the process already, by its SONAME; the C++ tests run on the fake.
find_package(OpenMP COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(WARNING "octet_fbgemm is left out: the compiler has no OpenMP")
  return()
endif()
find_package(FBGEMM MODULE)

add_library(fake_torch SHARED tests/fake_torch.cpp)
target_include_directories(fake_torch PRIVATE src/fbgemm)
set_target_properties(fake_torch PROPERTIES
  OUTPUT_NAME torch_cpu LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fake)
octet_warn(fake_torch)

add_library(octet_fbgemm SHARED
  src/fbgemm/octet_fbgemm.cpp
  src/fbgemm/layers.cpp
  src/fbgemm/linear.cpp
  src/fbgemm/conv.cpp
  src/fbgemm/self_test.cpp)
octet_configure(octet_fbgemm)
target_link_libraries(octet_fbgemm PRIVATE fake_torch OpenMP::OpenMP_CXX)
if(FBGEMM_FOUND)
  target_compile_definitions(octet_fbgemm PRIVATE OCTET_INSTALLED_FBGEMM)
  target_include_directories(octet_fbgemm SYSTEM PRIVATE ${FBGEMM_INCLUDE_DIR})
endif()
# Nothing may lead the loader to the fake.
set_target_properties(octet_fbgemm PROPERTIES INSTALL_RPATH "")
install(TARGETS octet_fbgemm LIBRARY DESTINATION ${OCTET_PLATFORM})
