/* Compiles where both headers are C. */
#include "octet.h"
#include "octet_fbgemm.h"

int32_t octet_test_both_headers_are_c(void) { return OCTET_ABI_VERSION + OCTET_FBGEMM_ABI_VERSION; }
