#pragma once

#include <napi.h>

#include <cstddef>

// Shared memory behind a file descriptor. Unmapped when it goes.
class MappedMemory {
 public:
  MappedMemory() = default;
  ~MappedMemory();
  MappedMemory(const MappedMemory&) = delete;
  MappedMemory& operator=(const MappedMemory&) = delete;
  // False: errno says why.
  bool Map(int fd, size_t bytes);
  void* data() const { return data_; }

 private:
  void* data_ = nullptr;
  size_t bytes_ = 0;
};

// (fd, bytes): an ArrayBuffer that is the memory itself, of an mmapable BPF array.
Napi::Value MapMemory(const Napi::CallbackInfo& info);
// (path, bytes): the same of a file, which is made when it is not there and may be written by everybody.
Napi::Value MapSharedFile(const Napi::CallbackInfo& info);
// (): an eventfd.
Napi::Value OpenEvent(const Napi::CallbackInfo& info);
// (fd)
void SetEvent(const Napi::CallbackInfo& info);
void CloseEvent(const Napi::CallbackInfo& info);
// (code): ends the process at once, whatever its threads are doing. Does not return.
void ExitNow(const Napi::CallbackInfo& info);
