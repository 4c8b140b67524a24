# octet_fbgemm, and what it is linked against: `fake_torch`, a small libtorch_cpu.so that defines
# exactly those symbols of FBGEMM that the bridge calls. At run time the loader takes the real one,
# which is in the process already, by its SONAME; the C++ tests run on the fake.
find_package(OpenMP COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
  message(WARNING "octet_fbgemm is left out: the compiler has no OpenMP")
  return()
endif()

set(bridge
  src/fbgemm/octet_fbgemm.cpp
  src/fbgemm/layers.cpp
  src/fbgemm/linear.cpp
  src/fbgemm/conv.cpp
  src/fbgemm/self_test.cpp)

# Headers of another FBGEMM than the one that is called would not compile, or ask for symbols that
# are not there: they are not used, and the build goes on with our own declarations.
find_package(FBGEMM MODULE QUIET)
if(FBGEMM_FOUND AND NOT DEFINED OCTET_FBGEMM_FITS)
  list(TRANSFORM bridge PREPEND ${PROJECT_SOURCE_DIR}/ OUTPUT_VARIABLE sources)
  try_compile(OCTET_FBGEMM_FITS ${CMAKE_CURRENT_BINARY_DIR}/fits
    SOURCES ${sources} ${PROJECT_SOURCE_DIR}/tests/fake_torch.cpp
      ${PROJECT_SOURCE_DIR}/tests/fbgemm_test.cpp
    CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${PROJECT_SOURCE_DIR}/include;${PROJECT_SOURCE_DIR}/src/fbgemm;${FBGEMM_INCLUDE_DIR}"
    COMPILE_DEFINITIONS -DOCTET_INSTALLED_FBGEMM
    LINK_LIBRARIES OpenMP::OpenMP_CXX
    CXX_STANDARD 17 CXX_STANDARD_REQUIRED ON CXX_EXTENSIONS OFF)
  if(OCTET_FBGEMM_FITS)
    message(STATUS "octet_fbgemm: compiled with the headers in ${FBGEMM_INCLUDE_DIR}/fbgemm")
  else()
    message(STATUS "octet_fbgemm: the headers in ${FBGEMM_INCLUDE_DIR}/fbgemm are of another FBGEMM, and are not used")
  endif()
endif()

add_library(fake_torch SHARED tests/fake_torch.cpp)
target_include_directories(fake_torch PRIVATE src/fbgemm)
set_target_properties(fake_torch PROPERTIES
  OUTPUT_NAME torch_cpu LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/fake)
octet_warn(fake_torch)

add_library(octet_fbgemm SHARED ${bridge})
octet_configure(octet_fbgemm)
target_link_libraries(octet_fbgemm PRIVATE fake_torch OpenMP::OpenMP_CXX)
if(FBGEMM_FOUND AND OCTET_FBGEMM_FITS)
  target_compile_definitions(octet_fbgemm PRIVATE OCTET_INSTALLED_FBGEMM)
  target_include_directories(octet_fbgemm SYSTEM PRIVATE ${FBGEMM_INCLUDE_DIR})
endif()
# Nothing may lead the loader to the fake.
set_target_properties(octet_fbgemm PROPERTIES INSTALL_RPATH "")
install(TARGETS octet_fbgemm LIBRARY DESTINATION ${OCTET_PLATFORM})
