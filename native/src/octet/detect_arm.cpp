// Arm, 64 bits: the kernel's list of what a process may use (Linux: getauxval; macOS: sysctl).
#if defined(__aarch64__)

#include "detect.h"

#if defined(__linux__)
#include <sys/auxv.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

struct Feature {
  const char *name;
  int index;
};

// Bits of AT_HWCAP and AT_HWCAP2 (linux/arch/arm64/include/uapi/asm/hwcap.h).
constexpr Feature kHwcap[] = {{"fp", 0},     {"asimd", 1},    {"fphp", 9}, {"asimdhp", 10},
                              {"cpuid", 11}, {"asimddp", 20}, {"sve", 22}, {"asimdfhm", 23}};
constexpr Feature kHwcap2[] = {{"sve2", 1},  {"svei8mm", 9}, {"svebf16", 12},
                               {"i8mm", 13}, {"bf16", 14},   {"sme", 23}};

template <size_t N>
void add(octet_cpu &cpu, const Feature (&features)[N], unsigned long word) {
  for (const Feature &feature : features) {
    if ((word >> feature.index & 1) != 0) {
      octet::add_feature(cpu, feature.name);
    }
  }
}

const char *implementer(int64_t number) {
  switch (number) {
    case 0x41:
      return "ARM";
    case 0x42:
      return "Broadcom";
    case 0x46:
      return "Fujitsu";
    case 0x48:
      return "HiSilicon";
    case 0x4e:
      return "NVIDIA";
    case 0x51:
      return "Qualcomm";
    case 0x61:
      return "Apple";
    case 0x6d:
      return "Microsoft";
    case 0xc0:
      return "Ampere";
    default:
      return "";
  }
}

// The kernel answers this privileged register for programs where it says "cpuid".
void read_identity(octet_cpu &cpu) {
  uint64_t midr;
  __asm__("mrs %0, midr_el1" : "=r"(midr));
  cpu.family = static_cast<int64_t>(midr >> 24 & 0xff);
  cpu.model_number = static_cast<int64_t>(midr >> 4 & 0xfff);
  cpu.stepping = static_cast<int64_t>(midr & 0xf);
  octet::copy_trimmed(cpu.vendor, sizeof cpu.vendor, implementer(cpu.family));
}

bool read_line(char *text, int room, int index, const char *file) {
  char path[96];
  std::snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu0/cache/index%d/%s", index, file);
  FILE *opened = std::fopen(path, "r");
  if (opened == nullptr) {
    return false;
  }
  bool read = std::fgets(text, room, opened) != nullptr;
  std::fclose(opened);
  return read;
}

// "48K" is 49152.
int64_t bytes(const char *text) {
  char *unit = nullptr;
  int64_t count = std::strtoll(text, &unit, 10);
  return *unit == 'K' ? count << 10 : *unit == 'M' ? count << 20 : count;
}

void read_caches(octet_cpu &cpu) {
  char text[32];
  for (int i = 0; read_line(text, sizeof text, i, "type"); ++i) {
    char level[32], size[32];
    bool holds_data = std::strncmp(text, "Instruction", 11) != 0;
    if (holds_data && read_line(level, sizeof level, i, "level") &&
        read_line(size, sizeof size, i, "size")) {
      int64_t count = bytes(size);
      cpu.l1d = level[0] == '1' ? count : cpu.l1d;
      cpu.l2 = level[0] == '2' ? count : cpu.l2;
      cpu.l3 = level[0] == '3' ? count : cpu.l3;
    }
  }
}

}  // namespace

void octet::detect(octet_cpu &cpu) {
  constexpr int kCpuid = 11;
  unsigned long hwcap = getauxval(AT_HWCAP);
  add(cpu, kHwcap, hwcap);
  add(cpu, kHwcap2, getauxval(AT_HWCAP2));
  if ((hwcap >> kCpuid & 1) != 0) {
    read_identity(cpu);
  }
  read_caches(cpu);
}

#elif defined(__APPLE__)
#include <sys/sysctl.h>

namespace {

int64_t number(const char *name) {
  int64_t value = 0;
  size_t size = sizeof value;
  return sysctlbyname(name, &value, &size, nullptr, 0) == 0 ? value : 0;
}

void add(octet_cpu &cpu, const char *question, const char *feature) {
  if (number(question) == 1) {
    octet::add_feature(cpu, feature);
  }
}

}  // namespace

void octet::detect(octet_cpu &cpu) {
  size_t size = sizeof cpu.model;
  if (sysctlbyname("machdep.cpu.brand_string", cpu.model, &size, nullptr, 0) != 0) {
    cpu.model[0] = '\0';
  }
  octet::copy_trimmed(cpu.vendor, sizeof cpu.vendor, "Apple");
  octet::add_feature(cpu, "fp");
  octet::add_feature(cpu, "asimd");
  add(cpu, "hw.optional.arm.FEAT_FP16", "asimdhp");
  add(cpu, "hw.optional.arm.FEAT_DotProd", "asimddp");
  add(cpu, "hw.optional.arm.FEAT_I8MM", "i8mm");
  add(cpu, "hw.optional.arm.FEAT_BF16", "bf16");
  add(cpu, "hw.optional.arm.FEAT_SME", "sme");
  cpu.l1d = number("hw.perflevel0.l1dcachesize");
  cpu.l2 = number("hw.perflevel0.l2cachesize");
  cpu.virtualized = number("kern.hv_vmm_present");
}

#endif

#endif
