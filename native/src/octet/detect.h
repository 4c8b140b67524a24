// What a detector fills in: plain arrays, so that this library needs no C++ runtime.
#pragma once

#include <cstddef>
#include <cstdint>

#include "octet.h"

struct octet_cpu {
  char vendor[64];
  char model[128];
  char features[1024];
  char hypervisor[16];
  int64_t family;
  int64_t model_number;
  int64_t stepping;
  int64_t l1d;
  int64_t l2;
  int64_t l3;
  int64_t virtualized;
};

namespace octet {

// Fills in what this architecture and operating system tell; what they do not tell stays 0.
void detect(octet_cpu &cpu);

// Appends a feature's name; a name that has no room left is dropped, never cut.
void add_feature(octet_cpu &cpu, const char *name);

// Copies text with blanks trimmed at both ends, cut where it has no room.
void copy_trimmed(char *to, size_t room, const char *from);

}  // namespace octet
