/* A program in C: loads the library that it is given, runs the detector, and finds that nothing of
 * C++ or PyTorch came with it. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "octet.h"

static int mapped(const char *name) {
  char line[4096];
  int found = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps != NULL && fgets(line, sizeof line, maps) != NULL) {
    found |= strstr(line, name) != NULL;
  }
  return maps == NULL || fclose(maps) != 0 ? 1 : found;
}

static int fail(const char *what) {
  printf("%s\n", what);
  return 1;
}

int main(int count, char **arguments) {
  void *library = count == 2 ? dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  int32_t (*detect)(octet_cpu **);
  int32_t (*text_of)(const octet_cpu *, int32_t, const char **);
  octet_cpu *cpu = NULL;
  const char *text = NULL;
  if (library == NULL) {
    return fail(dlerror());
  }
  *(void **)&detect = dlsym(library, "octet_cpu_detect");
  *(void **)&text_of = dlsym(library, "octet_cpu_text");
  if (detect == NULL || text_of == NULL || detect(&cpu) != OCTET_OK ||
      text_of(cpu, OCTET_TEXT_FEATURES, &text) != OCTET_OK || *text == '\0') {
    return fail("the detector does not answer");
  }
  if (!mapped("liboctet")) {
    return fail("/proc/self/maps does not show the library");
  }
  if (mapped("libtorch") || mapped("libstdc++") || mapped("libgomp")) {
    return fail("more than the C library was loaded");
  }
  printf("%s\n", text);
  return 0;
}
