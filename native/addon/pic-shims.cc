// Debian builds libbpf.a and libelf.a for executables, not for shared objects. Two things in them cannot be linked into
// one, and one is missing; all are replaced here, so that no library has to be built or shipped:
//
// - libelf's member that keeps the last error in thread-local storage. These three functions are all of it, so that
//   member is never taken from the archive.
// - libelf's search trees, which live in an archive that is not packaged. They hold raw chunks of a file, which nothing
//   in libbpf asks for: a tree that is never searched needs neither a lock nor freeing.
// - libbpf's direct references to `stderr`, which the linker turns into references to `__wrap_stderr` (--wrap).
#include <cstdio>
#include <string>

static thread_local int last_error = 0;

#pragma GCC visibility push(hidden)
extern "C" {

extern FILE* __real_stderr __attribute__((visibility("default")));
FILE* __wrap_stderr = nullptr;

__attribute__((constructor)) static void SetStderr() { __wrap_stderr = __real_stderr; }

void __libelf_seterrno(int value) { last_error = value; }

int elf_errno() {
  int error = last_error;
  last_error = 0;
  return error;
}

void eu_search_tree_init(void*) {}
void eu_search_tree_fini(void*, void (*)(void*)) {}

// As in libelf: 0 asks for the last error if there is one, -1 for the last error in any case.
const char* elf_errmsg(int error) {
  if (error == 0 && last_error == 0) return nullptr;
  static thread_local std::string message;
  message = "libelf error " + std::to_string(error > 0 ? error : last_error);
  return message.c_str();
}
}
#pragma GCC visibility pop
