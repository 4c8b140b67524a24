// Where nobody is asked: neither x86-64 nor Linux or macOS on Arm.
#include "detect.h"

#if !defined(__x86_64__) && !defined(_M_X64) && \
    !(defined(__aarch64__) && (defined(__linux__) || defined(__APPLE__)))
void octet::detect(octet_cpu &) {}
#endif
