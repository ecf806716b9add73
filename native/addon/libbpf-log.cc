#include "libbpf-log.h"

#include <bpf/libbpf.h>

#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <vector>

static thread_local LibbpfLog* current = nullptr;

static int Print(enum libbpf_print_level level, const char* format, va_list arguments) {
  if (level == LIBBPF_DEBUG || !current) return 0;
  va_list again;
  va_copy(again, arguments);
  int length = vsnprintf(nullptr, 0, format, again);
  va_end(again);
  if (length <= 0) return 0;
  std::vector<char> line(static_cast<size_t>(length) + 1);
  vsnprintf(line.data(), line.size(), format, arguments);
  current->Append(line.data(), static_cast<size_t>(length));
  return length;
}

LibbpfLog::LibbpfLog() : outer_(current) {
  static std::once_flag installed;
  std::call_once(installed, [] { libbpf_set_print(Print); });
  current = this;
}

LibbpfLog::~LibbpfLog() { current = outer_; }
