#include "native-fifo.h"

namespace {

// native/bpf/relay.h
constexpr size_t kEventWords = 16, kDecisionWords = 8, kMaskWords = 8;
enum Kind : uint32_t { kNew = 1, kRunnable, kPreempted, kYielded, kBlocked, kDeparted, kDead };

}  // namespace

NativeFifo::NativeFifo(size_t capacity, int cpus, const uint32_t* masks, uint64_t slice_ns)
    : tasks_(capacity + 1), pending_(static_cast<size_t>(cpus)), masks_(masks), slice_ns_(slice_ns) {
  auto end = static_cast<uint32_t>(capacity);
  tasks_[end].next = tasks_[end].previous = end;
}

void NativeFifo::Stop(uint32_t task) {
  Task& it = tasks_[task];
  if (it.state == kSent) pending_[static_cast<size_t>(it.cpu)]--;
  if (it.state == kWaiting) Remove(task);
}

void NativeFifo::Push(uint32_t task) {
  auto end = static_cast<uint32_t>(tasks_.size() - 1);
  Task& it = tasks_[task];
  it.next = end;
  it.previous = tasks_[end].previous;
  tasks_[it.previous].next = task;
  tasks_[end].previous = task;
}

void NativeFifo::Remove(uint32_t task) {
  Task& it = tasks_[task];
  tasks_[it.previous].next = it.next;
  tasks_[it.next].previous = it.previous;
}

bool NativeFifo::Allows(uint32_t task, int cpu) const {
  return (masks_[task * kMaskWords + static_cast<size_t>(cpu) / 32] >> (cpu % 32)) & 1;
}

size_t NativeFifo::Handle(const uint32_t* events, size_t count, uint32_t* decisions) {
  auto end = static_cast<uint32_t>(tasks_.size() - 1);
  for (size_t i = 0; i < count; i++, events += kEventWords) {
    uint32_t kind = events[2], task = events[3];
    if (task >= end || kind < kNew || kind > kDead) continue;
    Task& it = tasks_[task];
    if (kind == kRunnable || kind == kPreempted || kind == kYielded) {
      it.sequence = events[4];
      if (it.state == kWaiting) continue;
      Stop(task);
      it.state = kWaiting;
      Push(task);
    } else {
      Stop(task);
      it.state = kind == kDeparted || kind == kDead ? kAbsent : kAsleep;
    }
  }
  size_t decided = 0;
  for (int cpu = 0; cpu < static_cast<int>(pending_.size()); cpu++) {
    if (pending_[static_cast<size_t>(cpu)] > 0) continue;
    uint32_t task = tasks_[end].next;
    while (task != end && !Allows(task, cpu)) task = tasks_[task].next;
    if (task == end) continue;
    Task& it = tasks_[task];
    Remove(task);
    it.state = kSent;
    it.cpu = cpu;
    pending_[static_cast<size_t>(cpu)]++;
    uint32_t* to = decisions + decided++ * kDecisionWords;
    to[0] = task;
    to[1] = it.sequence;
    to[2] = static_cast<uint32_t>(cpu);
    to[3] = 0;
    to[4] = static_cast<uint32_t>(slice_ns_);
    to[5] = static_cast<uint32_t>(slice_ns_ >> 32);
    to[6] = to[7] = 0;
  }
  return decided;
}
