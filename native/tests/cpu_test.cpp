// The detector on whatever runs this. Arguments are features that must be there, or, behind a
// minus, must not.
#include <cstring>
#include <string>
#include <thread>

#include "check.h"
#include "octet.h"

namespace {

std::string text(const octet_cpu *cpu, int32_t which) {
  const char *found = nullptr;
  CHECK(octet_cpu_text(cpu, which, &found) == OCTET_OK);
  return found == nullptr ? "" : found;
}

int64_t number(const octet_cpu *cpu, int32_t which) {
  int64_t found = -1;
  CHECK(octet_cpu_number(cpu, which, &found) == OCTET_OK);
  return found;
}

std::string last_error() {
  const char *found = nullptr;
  CHECK(octet_last_error(&found) == OCTET_OK);
  return found;
}

bool has(const octet_cpu *cpu, const std::string &feature) {
  std::string all = " " + text(cpu, OCTET_TEXT_FEATURES) + " ";
  return all.find(" " + feature + " ") != std::string::npos;
}

void implies(const octet_cpu *cpu, const char *feature, const char *needed) {
  if (has(cpu, feature) && !has(cpu, needed)) {
    std::printf("%s without %s\n", feature, needed);
    ++failures;
  }
}

void whatever_runs_this_is_described(const octet_cpu *cpu) {
  std::printf("%s, %s, family %lld model %lld, hypervisor \"%s\"\n%s\nL1d %lld L2 %lld L3 %lld\n",
              text(cpu, OCTET_TEXT_VENDOR).c_str(), text(cpu, OCTET_TEXT_MODEL).c_str(),
              static_cast<long long>(number(cpu, OCTET_NUMBER_FAMILY)),
              static_cast<long long>(number(cpu, OCTET_NUMBER_MODEL)),
              text(cpu, OCTET_TEXT_HYPERVISOR).c_str(), text(cpu, OCTET_TEXT_FEATURES).c_str(),
              static_cast<long long>(number(cpu, OCTET_NUMBER_L1D_BYTES)),
              static_cast<long long>(number(cpu, OCTET_NUMBER_L2_BYTES)),
              static_cast<long long>(number(cpu, OCTET_NUMBER_L3_BYTES)));
#if defined(__x86_64__) || defined(_M_X64)
  CHECK(text(cpu, OCTET_TEXT_VENDOR).size() == 12);
  CHECK(number(cpu, OCTET_NUMBER_FAMILY) >= 5);
#endif
#if defined(__aarch64__) && defined(__linux__)
  CHECK(has(cpu, "asimd"));
#endif
  CHECK(number(cpu, OCTET_NUMBER_L1D_BYTES) >= 0);
  implies(cpu, "avx2", "avx");
  implies(cpu, "avx512f", "avx2");
  implies(cpu, "avx512_vnni", "avx512f");
  implies(cpu, "avx_vnni", "avx2");
  implies(cpu, "amx_int8", "amx_tile");
  implies(cpu, "i8mm", "asimd");
}

void a_caller_mistake_is_a_status_with_a_text(const octet_cpu *cpu) {
  const char *found = nullptr;
  int64_t value = 0;
  CHECK(octet_cpu_detect(nullptr) == OCTET_INVALID_ARGUMENT);
  CHECK(last_error() == "cpu is a null pointer");
  CHECK(octet_cpu_text(cpu, 99, &found) == OCTET_INVALID_ARGUMENT);
  CHECK(last_error() == "there is no text 99");
  CHECK(octet_cpu_text(nullptr, 0, &found) == OCTET_INVALID_ARGUMENT);
  CHECK(octet_cpu_text(cpu, 0, nullptr) == OCTET_INVALID_ARGUMENT);
  CHECK(octet_cpu_number(cpu, -1, &value) == OCTET_INVALID_ARGUMENT);
  CHECK(last_error() == "there is no number -1");
  CHECK(octet_last_error(nullptr) == OCTET_INVALID_ARGUMENT);
  CHECK(octet_cpu_number(cpu, OCTET_NUMBER_FAMILY, &value) == OCTET_OK);
  CHECK(last_error().empty());
}

void an_error_belongs_to_its_thread(const octet_cpu *cpu) {
  const char *found = nullptr;
  CHECK(octet_cpu_text(cpu, 99, &found) == OCTET_INVALID_ARGUMENT);
  std::thread([] {
    CHECK(last_error().empty());
    CHECK(octet_cpu_detect(nullptr) == OCTET_INVALID_ARGUMENT);
    CHECK(last_error() == "cpu is a null pointer");
  }).join();
  CHECK(last_error() == "there is no text 99");
}

}  // namespace

int main(int count, char **arguments) {
  CHECK(octet_abi_version() == OCTET_ABI_VERSION);
  octet_cpu *cpu = nullptr;
  CHECK(octet_cpu_detect(&cpu) == OCTET_OK);
  whatever_runs_this_is_described(cpu);
  for (int i = 1; i < count; ++i) {
    bool wanted = arguments[i][0] != '-';
    const char *feature = arguments[i] + (wanted ? 0 : 1);
    if (has(cpu, feature) != wanted) {
      std::printf("%s should%s be there\n", feature, wanted ? "" : " not");
      ++failures;
    }
  }
  a_caller_mistake_is_a_status_with_a_text(cpu);
  an_error_belongs_to_its_thread(cpu);
  CHECK(octet_cpu_destroy(cpu) == OCTET_OK);
  return result();
}
