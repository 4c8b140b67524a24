# FBGEMM_FOUND and FBGEMM_INCLUDE_DIR: the headers of an installed FBGEMM. Its library is not
# wanted: the one that is called is inside libtorch_cpu.
find_path(FBGEMM_INCLUDE_DIR fbgemm/Fbgemm.h)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FBGEMM REQUIRED_VARS FBGEMM_INCLUDE_DIR)
