/* Octet's own native code that needs nothing but the C library: what the processor can do.
 *
 * Every function returns a status; results come back through the last parameters, which are
 * written only on OCTET_OK. Text belongs to the library: that of a handle lives as long as the
 * handle, that of octet_last_error until the calling thread's next call. Any thread may call. */
#ifndef OCTET_H
#define OCTET_H

#include <stdint.h>

#if defined(_WIN32)
#if defined(OCTET_BUILDING)
#define OCTET_API __declspec(dllexport)
#else
#define OCTET_API __declspec(dllimport)
#endif
#else
#define OCTET_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Changes with any change of this file that a caller could notice. */
#define OCTET_ABI_VERSION 1

#define OCTET_OK 0
#define OCTET_INVALID_ARGUMENT 1
#define OCTET_OUT_OF_MEMORY 2

/* What was found out about the processor; it does not change any more. */
typedef struct octet_cpu octet_cpu;

/* OCTET_ABI_VERSION of the library as it was built: to be compared before anything else. */
OCTET_API int32_t octet_abi_version(void);

/* Why this thread's last call failed, "" where it did not. */
OCTET_API int32_t octet_last_error(const char **text);

/* Asks the processor and the operating system. On Linux this also asks for the right to use AMX,
 * which a process lacks until it does. */
OCTET_API int32_t octet_cpu_detect(octet_cpu **cpu);

OCTET_API int32_t octet_cpu_destroy(octet_cpu *cpu);

#define OCTET_TEXT_VENDOR 0     /* "GenuineIntel" */
#define OCTET_TEXT_MODEL 1      /* the marketing name */
#define OCTET_TEXT_FEATURES 2   /* names of /proc/cpuinfo, a space between; the usable ones alone */
#define OCTET_TEXT_HYPERVISOR 3 /* "KVMKVMKVM"; "" on bare metal or where nobody tells */

/* One of the texts above; "" where it is not known. */
OCTET_API int32_t octet_cpu_text(const octet_cpu *cpu, int32_t which, const char **text);

#define OCTET_NUMBER_FAMILY 0      /* x86: displayed family; Arm: the implementer */
#define OCTET_NUMBER_MODEL 1       /* x86: displayed model; Arm: the part */
#define OCTET_NUMBER_STEPPING 2    /* x86: stepping; Arm: the revision */
#define OCTET_NUMBER_L1D_BYTES 3   /* level 1 data cache */
#define OCTET_NUMBER_L2_BYTES 4    /* level 2 cache */
#define OCTET_NUMBER_L3_BYTES 5    /* level 3 cache */
#define OCTET_NUMBER_VIRTUALIZED 6 /* 1 under a hypervisor that says so */

/* One of the numbers above; 0 where it is not known. */
OCTET_API int32_t octet_cpu_number(const octet_cpu *cpu, int32_t which, int64_t *number);

#ifdef __cplusplus
}
#endif

#endif
