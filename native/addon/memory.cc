#include "memory.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "errors.h"

static int LockSegments(dl_phdr_info* object, size_t, void*) {
  auto page = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  for (int i = 0; i < object->dlpi_phnum; i++) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || segment.p_memsz == 0) continue;
    uintptr_t start = (object->dlpi_addr + segment.p_vaddr) & ~(page - 1);
    uintptr_t end = object->dlpi_addr + segment.p_vaddr + segment.p_memsz;
    if (mlock2(reinterpret_cast<void*>(start), end - start, MLOCK_ONFAULT) != 0) return errno;
  }
  return 0;
}

void LockMemory(const Napi::CallbackInfo& info) {
  int error = dl_iterate_phdr(LockSegments, nullptr);
  if (error) ThrowErrno(info.Env(), error, "mlock2");
}
