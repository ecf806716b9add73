#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>

#include "relay-memory.h"

// The agent's end of native/bpf/relay.bpf.c: events in, decisions out. Made and used by one thread, which blocks in wait().
// Nothing here allocates after the constructor.
class Relay : public Napi::ObjectWrap<Relay> {
 public:
  static Napi::Function Define(Napi::Env env);
  // new Relay({events, decisions, control, stop, poke}, {clock, events, decisions}): file descriptors, `poke` -1 where there is
  // nothing to poke; a Float64Array [now, until when to wait], ns, and Uint32Arrays. What passes through them costs no objects
  // of the engine, and no calls into it.
  explicit Relay(const Napi::CallbackInfo& info);
  ~Relay() override;

 private:
  // (): number of events copied; 0: the clock's `until` has come; -1: asked to stop. Shows the kernel meanwhile that the agent
  // lives, and leaves the time in the clock.
  Napi::Value Wait(const Napi::CallbackInfo& info);
  // (first, count): how many of the decisions found room, those from `first` on; all, once asked to stop.
  Napi::Value Submit(const Napi::CallbackInfo& info);
  // (masks: Uint32Array, cpus, sliceNs): schedules without JavaScript (native-fifo.h) until asked to stop.
  void RunNativeFifo(const Napi::CallbackInfo& info);
  // (): CLOCK_MONOTONIC, ns.
  Napi::Value Now(const Napi::CallbackInfo& info);

  static int OnRecord(void* context, void* data, size_t size);
  int WaitFor(Napi::Env env, double until, size_t at_most);
  uint32_t Put(uint32_t first, uint32_t count);
  int Take();
  double Beat();
  void Sleep(double ns);
  void Poke(int32_t cpu, uint32_t flags);
  void CloseAll();

  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> events_{nullptr, ring_buffer__free};
  std::unique_ptr<user_ring_buffer, void (*)(user_ring_buffer*)> decisions_{nullptr, user_ring_buffer__free};
  MappedMemory control_;
  // Keeps alive what the pointers below point into.
  Napi::ObjectReference memory_;
  double* clock_ = nullptr;
  uint8_t* events_room_ = nullptr;
  size_t events_space_ = 0;
  uint32_t* decided_ = nullptr;
  size_t decided_space_ = 0;
  int epoll_ = -1;
  int stop_ = -1;
  int poke_ = -1;
  // Decisions were made since this thread last slept: nobody may have seen them yet.
  bool undelivered_ = false;
  bool stopped_ = false;
  // Of the batch that is being read.
  uint8_t* room_ = nullptr;
  size_t space_ = 0;
};
