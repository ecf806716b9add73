#include "relay-memory.h"

#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "errors.h"

MappedMemory::~MappedMemory() {
  if (data_) munmap(data_, bytes_);
}

bool MappedMemory::Map(int fd, size_t bytes) {
  auto page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  bytes_ = (bytes + page - 1) / page * page;
  void* data = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return false;
  data_ = data;
  return true;
}

static Napi::Value AsArrayBuffer(Napi::Env env, int fd, size_t bytes, const std::string& what) {
  auto memory = std::make_unique<MappedMemory>();
  if (!memory->Map(fd, bytes)) ThrowErrno(env, errno, "mapping " + what);
  auto release = [](Napi::Env, void*, MappedMemory* owned) { delete owned; };
  Napi::ArrayBuffer buffer = Napi::ArrayBuffer::New(env, memory->data(), bytes, release, memory.get());
  memory.release();
  return buffer;
}

Napi::Value MapMemory(const Napi::CallbackInfo& info) {
  auto bytes = static_cast<size_t>(info[1].As<Napi::Number>().Int64Value());
  return AsArrayBuffer(info.Env(), info[0].As<Napi::Number>().Int32Value(), bytes, "a BPF array");
}

Napi::Value MapSharedFile(const Napi::CallbackInfo& info) {
  std::string path = info[0].As<Napi::String>().Utf8Value();
  auto bytes = info[1].As<Napi::Number>().Int64Value();
  int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) ThrowErrno(info.Env(), errno, "opening " + path);
  struct Closer {
    int fd;
    ~Closer() { close(fd); }
  } closer{fd};
  struct stat now {};
  if (fstat(fd, &now) != 0 || (now.st_size < bytes && ftruncate(fd, bytes) != 0) || fchmod(fd, 0666) != 0) {
    ThrowErrno(info.Env(), errno, "sizing " + path);
  }
  return AsArrayBuffer(info.Env(), fd, static_cast<size_t>(bytes), path);
}

Napi::Value OpenEvent(const Napi::CallbackInfo& info) {
  int fd = eventfd(0, EFD_CLOEXEC);
  if (fd < 0) ThrowErrno(info.Env(), errno, "eventfd");
  return Napi::Number::New(info.Env(), fd);
}

void SetEvent(const Napi::CallbackInfo& info) {
  uint64_t one = 1;
  if (write(info[0].As<Napi::Number>().Int32Value(), &one, sizeof(one)) < 0) ThrowErrno(info.Env(), errno, "eventfd");
}

void ExitNow(const Napi::CallbackInfo& info) { _exit(info[0].As<Napi::Number>().Int32Value()); }

void CloseEvent(const Napi::CallbackInfo& info) { close(info[0].As<Napi::Number>().Int32Value()); }
