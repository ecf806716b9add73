#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <thread>

// Hands every record of a BPF ring buffer to a JavaScript function. A native thread sleeps on the ring's file
// descriptor; JavaScript is called only when there is something. Keeps the event loop alive until it is destroyed.
class RingWatch {
 public:
  RingWatch(Napi::Env env, int map_fd, Napi::Function callback);
  ~RingWatch();
  RingWatch(const RingWatch&) = delete;
  RingWatch& operator=(const RingWatch&) = delete;

 private:
  static int OnRecord(void* context, void* data, size_t size);
  void Run();

  Napi::ThreadSafeFunction function_;
  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> ring_{nullptr, ring_buffer__free};
  int stop_fd_ = -1;
  std::thread thread_;
};
