// x86-64: cpuid says what the chip could do, xgetbv what the operating system saves and restores.
// Only both together make a feature usable. Source: Intel SDM volume 1, chapter 13, and volume 2A,
// CPUID; AMD APM volume 3, appendix E.
#if defined(__x86_64__) || defined(_M_X64)

#include <cstring>

#include "detect.h"

#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace {

struct Registers {
  uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf = 0) {
  Registers r{};
#if defined(_MSC_VER)
  int words[4];
  __cpuidex(words, static_cast<int>(leaf), static_cast<int>(subleaf));
  std::memcpy(&r, words, sizeof r);
#else
  __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
#endif
  return r;
}

uint64_t xgetbv0() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (static_cast<uint64_t>(high) << 32) | low;
#endif
}

bool bit(uint32_t word, int index) { return (word >> index & 1u) != 0; }

// The register states that a feature's instructions work on.
enum class State { kSse, kAvx, kAvx512, kAmx };

// Linux gives AMX's state to those processes alone that ask for it.
bool may_use_amx() {
#if defined(__linux__)
  constexpr int kRequestPermission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  constexpr int kTileData = 18;
  return syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
#else
  return true;
#endif
}

class Enabled {
 public:
  explicit Enabled(const Registers &leaf1) {
    constexpr uint64_t kAvx = 0x6;      // xmm and ymm
    constexpr uint64_t kAvx512 = 0xe6;  // and masks and both halves of zmm
    constexpr uint64_t kAmx = 0x60000;  // tile configuration and data
    constexpr int kXsaveIsInUse = 27;
    uint64_t saved = bit(leaf1.ecx, kXsaveIsInUse) ? xgetbv0() : 0;
    avx_ = (saved & kAvx) == kAvx;
    avx512_ = (saved & kAvx512) == kAvx512;
    amx_saved_ = (saved & kAmx) == kAmx;
  }

  bool has(State state) {
    switch (state) {
      case State::kSse:
        return true;
      case State::kAvx:
        return avx_;
      case State::kAvx512:
        return avx512_;
      case State::kAmx:
        return amx_saved_ && amx_permitted();
    }
    return false;
  }

 private:
  // Asked for only where the chip has AMX: the question changes the process.
  bool amx_permitted() {
    if (permitted_ < 0) {
      permitted_ = may_use_amx() ? 1 : 0;
    }
    return permitted_ == 1;
  }

  bool avx_;
  bool avx512_;
  bool amx_saved_;
  int permitted_ = -1;
};

struct Feature {
  const char *name;
  int index;
  State state;
};

constexpr Feature kLeaf1Ecx[] = {
    {"pni", 0, State::kSse},     {"ssse3", 9, State::kSse},   {"fma", 12, State::kAvx},
    {"sse4_1", 19, State::kSse}, {"sse4_2", 20, State::kSse}, {"popcnt", 23, State::kSse},
    {"avx", 28, State::kAvx},    {"f16c", 29, State::kAvx},
};
constexpr Feature kLeaf7Ebx[] = {
    {"bmi1", 3, State::kSse},         {"avx2", 5, State::kAvx},
    {"bmi2", 8, State::kSse},         {"avx512f", 16, State::kAvx512},
    {"avx512dq", 17, State::kAvx512}, {"avx512ifma", 21, State::kAvx512},
    {"avx512cd", 28, State::kAvx512}, {"avx512bw", 30, State::kAvx512},
    {"avx512vl", 31, State::kAvx512},
};
constexpr Feature kLeaf7Ecx[] = {
    {"avx512vbmi", 1, State::kAvx512},
    {"avx512_vbmi2", 6, State::kAvx512},
    {"gfni", 8, State::kSse},
    {"avx512_vnni", 11, State::kAvx512},
    {"avx512_bitalg", 12, State::kAvx512},
    {"avx512_vpopcntdq", 14, State::kAvx512},
};
constexpr Feature kLeaf7Edx[] = {
    {"amx_bf16", 22, State::kAmx},
    {"avx512_fp16", 23, State::kAvx512},
    {"amx_tile", 24, State::kAmx},
    {"amx_int8", 25, State::kAmx},
};
constexpr Feature kLeaf7Sub1Eax[] = {
    {"avx_vnni", 4, State::kAvx},
    {"avx512_bf16", 5, State::kAvx512},
    {"amx_fp16", 21, State::kAmx},
    {"avx_ifma", 23, State::kAvx},
};
constexpr Feature kLeaf7Sub1Edx[] = {
    {"avx_vnni_int8", 4, State::kAvx},
    {"avx_ne_convert", 5, State::kAvx},
    {"avx_vnni_int16", 10, State::kAvx},
};

template <size_t N>
void add(octet_cpu &cpu, const Feature (&features)[N], uint32_t word, Enabled &enabled) {
  for (const Feature &feature : features) {
    if (bit(word, feature.index) && enabled.has(feature.state)) {
      octet::add_feature(cpu, feature.name);
    }
  }
}

// "GenuineIntel" lies in ebx, edx, ecx.
void read_vendor(octet_cpu &cpu, const Registers &leaf0) {
  char text[13] = {};
  std::memcpy(text, &leaf0.ebx, 4);
  std::memcpy(text + 4, &leaf0.edx, 4);
  std::memcpy(text + 8, &leaf0.ecx, 4);
  octet::copy_trimmed(cpu.vendor, sizeof cpu.vendor, text);
}

void read_model(octet_cpu &cpu) {
  constexpr uint32_t kFirst = 0x80000002u, kLast = 0x80000004u;
  if (cpuid(0x80000000u).eax < kLast) {
    return;
  }
  char text[49] = {};
  for (uint32_t leaf = kFirst; leaf <= kLast; ++leaf) {
    Registers r = cpuid(leaf);
    std::memcpy(text + 16 * (leaf - kFirst), &r, sizeof r);
  }
  octet::copy_trimmed(cpu.model, sizeof cpu.model, text);
}

void read_numbers(octet_cpu &cpu, uint32_t signature) {
  uint32_t family = signature >> 8 & 0xf;
  uint32_t model = signature >> 4 & 0xf;
  if (family == 0x6 || family == 0xf) {
    model |= signature >> 12 & 0xf0;
  }
  if (family == 0xf) {
    family += signature >> 20 & 0xff;
  }
  cpu.family = family;
  cpu.model_number = model;
  cpu.stepping = signature & 0xf;
}

// Leaf 4 of Intel and leaf 0x8000001d of AMD have one layout.
void read_caches(octet_cpu &cpu, uint32_t leaf) {
  constexpr uint32_t kMostCaches = 16, kNone = 0, kInstructions = 2;
  for (uint32_t i = 0; i < kMostCaches; ++i) {
    Registers r = cpuid(leaf, i);
    uint32_t kind = r.eax & 0x1f;
    if (kind == kNone) {
      return;
    }
    if (kind == kInstructions) {
      continue;
    }
    int64_t ways = (r.ebx >> 22) + 1;
    int64_t partitions = (r.ebx >> 12 & 0x3ff) + 1;
    int64_t line = (r.ebx & 0xfff) + 1;
    int64_t bytes = ways * partitions * line * (static_cast<int64_t>(r.ecx) + 1);
    switch (r.eax >> 5 & 0x7) {
      case 1:
        cpu.l1d = bytes;
        break;
      case 2:
        cpu.l2 = bytes;
        break;
      case 3:
        cpu.l3 = bytes;
        break;
      default:
        break;
    }
  }
}

void read_hypervisor(octet_cpu &cpu, const Registers &leaf1) {
  constexpr int kHypervisor = 31;
  if (!bit(leaf1.ecx, kHypervisor)) {
    return;
  }
  cpu.virtualized = 1;
  Registers r = cpuid(0x40000000u);
  char text[13] = {};
  std::memcpy(text, &r.ebx, 4);
  std::memcpy(text + 4, &r.ecx, 4);
  std::memcpy(text + 8, &r.edx, 4);
  octet::copy_trimmed(cpu.hypervisor, sizeof cpu.hypervisor, text);
}

bool is_amd(const octet_cpu &cpu) {
  return std::strcmp(cpu.vendor, "AuthenticAMD") == 0 ||
         std::strcmp(cpu.vendor, "HygonGenuine") == 0;
}

}  // namespace

void octet::detect(octet_cpu &cpu) {
  Registers leaf0 = cpuid(0);
  Registers leaf1 = cpuid(1);
  read_vendor(cpu, leaf0);
  read_model(cpu);
  read_numbers(cpu, leaf1.eax);
  Enabled enabled(leaf1);
  add(cpu, kLeaf1Ecx, leaf1.ecx, enabled);
  if (leaf0.eax >= 7) {
    Registers leaf7 = cpuid(7, 0);
    add(cpu, kLeaf7Ebx, leaf7.ebx, enabled);
    add(cpu, kLeaf7Ecx, leaf7.ecx, enabled);
    add(cpu, kLeaf7Edx, leaf7.edx, enabled);
    if (leaf7.eax >= 1) {
      Registers sub1 = cpuid(7, 1);
      add(cpu, kLeaf7Sub1Eax, sub1.eax, enabled);
      add(cpu, kLeaf7Sub1Edx, sub1.edx, enabled);
    }
  }
  constexpr uint32_t kAmdCaches = 0x8000001du;
  if (is_amd(cpu) && cpuid(0x80000000u).eax >= kAmdCaches) {
    read_caches(cpu, kAmdCaches);
  } else if (!is_amd(cpu) && leaf0.eax >= 4) {
    read_caches(cpu, 4);
  }
  read_hypervisor(cpu, leaf1);
}

#endif
