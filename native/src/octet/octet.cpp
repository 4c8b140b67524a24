// The C functions of octet.h around the detector of this architecture.
#include "octet.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "detect.h"

namespace {

thread_local char last_error[160] = "";

int32_t succeed() {
  last_error[0] = '\0';
  return OCTET_OK;
}

int32_t fail(int32_t status, const char *format, int32_t value) {
  std::snprintf(last_error, sizeof last_error, format, static_cast<int>(value));
  return status;
}

int32_t null_argument(const char *name) {
  std::snprintf(last_error, sizeof last_error, "%s is a null pointer", name);
  return OCTET_INVALID_ARGUMENT;
}

}  // namespace

void octet::add_feature(octet_cpu &cpu, const char *name) {
  size_t used = std::strlen(cpu.features);
  size_t more = std::strlen(name);
  size_t blank = used == 0 ? 0 : 1;
  if (used + blank + more + 1 > sizeof cpu.features) {
    return;
  }
  if (blank == 1) {
    cpu.features[used] = ' ';
  }
  std::memcpy(cpu.features + used + blank, name, more + 1);
}

void octet::copy_trimmed(char *to, size_t room, const char *from) {
  while (*from == ' ') {
    ++from;
  }
  size_t count = std::strlen(from);
  while (count > 0 && (from[count - 1] == ' ' || from[count - 1] == '\n')) {
    --count;
  }
  count = count < room ? count : room - 1;
  std::memcpy(to, from, count);
  to[count] = '\0';
}

int32_t octet_abi_version(void) { return OCTET_ABI_VERSION; }

int32_t octet_last_error(const char **text) {
  if (text == nullptr) {
    return OCTET_INVALID_ARGUMENT;
  }
  *text = last_error;
  return OCTET_OK;
}

int32_t octet_cpu_detect(octet_cpu **cpu) {
  if (cpu == nullptr) {
    return null_argument("cpu");
  }
  void *memory = std::calloc(1, sizeof(octet_cpu));
  if (memory == nullptr) {
    return fail(OCTET_OUT_OF_MEMORY, "no memory for %d bytes", sizeof(octet_cpu));
  }
  octet_cpu *found = static_cast<octet_cpu *>(memory);
  octet::detect(*found);
  *cpu = found;
  return succeed();
}

int32_t octet_cpu_destroy(octet_cpu *cpu) {
  std::free(cpu);
  return succeed();
}

int32_t octet_cpu_text(const octet_cpu *cpu, int32_t which, const char **text) {
  if (cpu == nullptr || text == nullptr) {
    return null_argument(cpu == nullptr ? "cpu" : "text");
  }
  switch (which) {
    case OCTET_TEXT_VENDOR:
      *text = cpu->vendor;
      return succeed();
    case OCTET_TEXT_MODEL:
      *text = cpu->model;
      return succeed();
    case OCTET_TEXT_FEATURES:
      *text = cpu->features;
      return succeed();
    case OCTET_TEXT_HYPERVISOR:
      *text = cpu->hypervisor;
      return succeed();
    default:
      return fail(OCTET_INVALID_ARGUMENT, "there is no text %d", which);
  }
}

int32_t octet_cpu_number(const octet_cpu *cpu, int32_t which, int64_t *number) {
  if (cpu == nullptr || number == nullptr) {
    return null_argument(cpu == nullptr ? "cpu" : "number");
  }
  switch (which) {
    case OCTET_NUMBER_FAMILY:
      *number = cpu->family;
      return succeed();
    case OCTET_NUMBER_MODEL:
      *number = cpu->model_number;
      return succeed();
    case OCTET_NUMBER_STEPPING:
      *number = cpu->stepping;
      return succeed();
    case OCTET_NUMBER_L1D_BYTES:
      *number = cpu->l1d;
      return succeed();
    case OCTET_NUMBER_L2_BYTES:
      *number = cpu->l2;
      return succeed();
    case OCTET_NUMBER_L3_BYTES:
      *number = cpu->l3;
      return succeed();
    case OCTET_NUMBER_VIRTUALIZED:
      *number = cpu->virtualized;
      return succeed();
    default:
      return fail(OCTET_INVALID_ARGUMENT, "there is no number %d", which);
  }
}
