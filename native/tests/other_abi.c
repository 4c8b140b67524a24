/* A liboctet of another version, for a test from Java: it must be turned away. */
#include "octet.h"

int32_t octet_abi_version(void) { return OCTET_ABI_VERSION + 98; }
