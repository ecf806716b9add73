#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

// What policies in TypeScript are measured against: first in, first out over the same rings, without JavaScript. Places tasks
// as src/agents/policies/fifo.ts does, so that what differs is the language: on an idle CPU at once, the one where it was
// first; else in a queue, from which a CPU takes that runs dry.
class NativeFifo {
 public:
  NativeFifo(size_t capacity, int cpus, const uint32_t* masks, uint64_t slice_ns);
  // Of an event come at most so many decisions.
  static constexpr size_t kDecisionsOfEvent = 3;
  // `count` events of native/bpf/relay.h; returns how many decisions are in `decisions`.
  size_t Handle(const uint32_t* events, size_t count, uint32_t* decisions);

 private:
  enum State : uint8_t { kAbsent, kAsleep, kWaiting, kSent };
  struct Task {
    State state = kAbsent;
    int32_t cpu = 0;
    uint32_t sequence = 0;
    uint32_t next = 0, previous = 0;
  };

  void Waits(uint32_t task, uint32_t kind, int cpu);
  // Returns the CPU that has nothing left of what was sent there, -1: none.
  int Stop(uint32_t task, State state);
  void Push(uint32_t task);
  void Remove(uint32_t task);
  void Fill(int cpu);
  bool RunWhereIdle(uint32_t task, int first);
  void Run(uint32_t task, int cpu);
  bool Allows(uint32_t task, int cpu) const;

  std::vector<Task> tasks_;  // the one behind the last is the end of the queue
  std::vector<uint32_t> pending_;
  const uint32_t* masks_;
  uint64_t slice_ns_;
  uint32_t* decision_ = nullptr;
};
