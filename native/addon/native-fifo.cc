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

int NativeFifo::Stop(uint32_t task, State state) {
  Task& it = tasks_[task];
  int idle = -1;
  if (it.state == kSent && --pending_[static_cast<size_t>(it.cpu)] == 0) idle = it.cpu;
  if (it.state == kWaiting) Remove(task);
  it.state = state;
  return idle;
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

// To a task that is in no queue.
void NativeFifo::Run(uint32_t task, int cpu) {
  Task& it = tasks_[task];
  it.state = kSent;
  it.cpu = cpu;
  pending_[static_cast<size_t>(cpu)]++;
  uint32_t* to = decision_;
  to[0] = task;
  to[1] = it.sequence;
  to[2] = static_cast<uint32_t>(cpu);
  to[3] = 0;
  to[4] = static_cast<uint32_t>(slice_ns_);
  to[5] = static_cast<uint32_t>(slice_ns_ >> 32);
  to[6] = to[7] = 0;
  decision_ += kDecisionWords;
}

bool NativeFifo::RunWhereIdle(uint32_t task, int first) {
  int cpus = static_cast<int>(pending_.size());
  for (int step = 0; step < cpus; step++) {
    int cpu = first + step < cpus ? first + step : first + step - cpus;
    if (pending_[static_cast<size_t>(cpu)] > 0 || !Allows(task, cpu)) continue;
    Run(task, cpu);
    return true;
  }
  return false;
}

void NativeFifo::Fill(int cpu) {
  auto end = static_cast<uint32_t>(tasks_.size() - 1);
  uint32_t task = tasks_[end].next;
  while (task != end && !Allows(task, cpu)) task = tasks_[task].next;
  if (task == end) return;
  Remove(task);
  Run(task, cpu);
}

void NativeFifo::Waits(uint32_t task, uint32_t kind, int cpu) {
  if (tasks_[task].state == kWaiting) return;
  int idle = Stop(task, kWaiting);
  // Whoever had its turn goes after the others.
  if (kind != kRunnable && pending_[static_cast<size_t>(cpu)] == 0) Fill(cpu);
  if (!RunWhereIdle(task, cpu)) Push(task);
  if (idle >= 0 && pending_[static_cast<size_t>(idle)] == 0) Fill(idle);
}

size_t NativeFifo::Handle(const uint32_t* events, size_t count, uint32_t* decisions) {
  auto end = static_cast<uint32_t>(tasks_.size() - 1);
  decision_ = decisions;
  for (size_t i = 0; i < count; i++, events += kEventWords) {
    uint32_t kind = events[2], task = events[3];
    auto cpu = static_cast<int>(events[5]);
    if (task >= end || kind < kNew || kind > kDead) continue;
    if (kind == kRunnable || kind == kPreempted || kind == kYielded) {
      tasks_[task].sequence = events[4];
      Waits(task, kind, cpu);
    } else {
      int idle = Stop(task, kind == kDeparted || kind == kDead ? kAbsent : kAsleep);
      if (idle >= 0) Fill(idle);
    }
  }
  return static_cast<size_t>(decision_ - decisions) / kDecisionWords;
}
