#include "ring-watch.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <vector>

#include "errors.h"

RingWatch::RingWatch(Napi::Env env, int map_fd, Napi::Function callback) {
  ring_.reset(ring_buffer__new(map_fd, OnRecord, this, nullptr));
  if (!ring_) ThrowErrno(env, errno, "watching a ring buffer");
  stop_fd_ = eventfd(0, EFD_CLOEXEC);
  if (stop_fd_ < 0) ThrowErrno(env, errno, "eventfd");
  function_ = Napi::ThreadSafeFunction::New(env, callback, "RingWatch", 0, 1);
  thread_ = std::thread([this] { Run(); });
}

RingWatch::~RingWatch() {
  uint64_t one = 1;
  // Eight bytes to an eventfd whose counter is zero: this cannot fail or block.
  [[maybe_unused]] ssize_t written = write(stop_fd_, &one, sizeof(one));
  thread_.join();
  function_.Release();
  close(stop_fd_);
}

int RingWatch::OnRecord(void* context, void* data, size_t size) {
  auto* self = static_cast<RingWatch*>(context);
  auto* bytes = static_cast<uint8_t*>(data);
  auto* record = new std::vector<uint8_t>(bytes, bytes + size);
  auto deliver = [](Napi::Env env, Napi::Function callback, std::vector<uint8_t>* record) {
    std::unique_ptr<std::vector<uint8_t>> owned(record);
    if (env != nullptr && !callback.IsEmpty()) callback.Call({Napi::Buffer<uint8_t>::Copy(env, owned->data(), owned->size())});
  };
  // The environment is closing: nobody is left to tell.
  if (self->function_.NonBlockingCall(record, deliver) != napi_ok) delete record;
  return 0;
}

void RingWatch::Run() {
  pollfd fds[] = {{ring_buffer__epoll_fd(ring_.get()), POLLIN, 0}, {stop_fd_, POLLIN, 0}};
  for (;;) {
    if (poll(fds, 2, -1) < 0 && errno != EINTR) return;
    if (fds[0].revents & POLLIN) ring_buffer__consume(ring_.get());
    if (fds[1].revents & POLLIN) return;
  }
}
