#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// What the first-in-first-out policy is measured against: the same over the same rings, without JavaScript. For the bench.
class NativeFifo {
 public:
  NativeFifo(size_t capacity, int cpus, const uint32_t* masks, uint64_t slice_ns);
  // `count` events of native/bpf/relay.h; returns how many decisions are in `decisions`, which has room for one a CPU.
  size_t Handle(const uint32_t* events, size_t count, uint32_t* decisions);

 private:
  enum State : uint8_t { kAbsent, kAsleep, kWaiting, kSent };
  struct Task {
    State state = kAbsent;
    int32_t cpu = 0;
    uint32_t sequence = 0;
    uint32_t next = 0, previous = 0;
  };

  void Stop(uint32_t task);
  void Push(uint32_t task);
  void Remove(uint32_t task);
  bool Allows(uint32_t task, int cpu) const;

  std::vector<Task> tasks_;  // the one behind the last is the end of the queue
  std::vector<uint32_t> pending_;
  const uint32_t* masks_;
  uint64_t slice_ns_;
};
