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
  // new Relay({events, decisions, control, stop, poke}, clock): file descriptors, `poke` -1 where there is nothing to poke;
  // clock is a Float64Array of one.
  explicit Relay(const Napi::CallbackInfo& info);
  ~Relay() override;

 private:
  // (room: Uint32Array, until: ns): number of events copied; 0: it is `until`; -1: asked to stop. Shows the kernel meanwhile
  // that the agent lives, and leaves the time in the clock.
  Napi::Value Wait(const Napi::CallbackInfo& info);
  // (decisions: Uint32Array, first, count): how many found room, those from `first` on; all, once asked to stop.
  Napi::Value Submit(const Napi::CallbackInfo& info);
  // (room: Uint32Array, decisions: Uint32Array, masks: Uint32Array, cpus, sliceNs): schedules without JavaScript
  // (native-fifo.h) until asked to stop.
  void RunNativeFifo(const Napi::CallbackInfo& info);
  // (): CLOCK_MONOTONIC, ns.
  Napi::Value Now(const Napi::CallbackInfo& info);

  static int OnRecord(void* context, void* data, size_t size);
  int WaitFor(Napi::Env env, double until);
  uint32_t Put(const uint32_t* words, uint32_t count);
  int Take();
  double Beat();
  void Sleep(double ns);
  void Poke(int32_t cpu, uint32_t flags);
  void CloseAll();

  std::unique_ptr<ring_buffer, void (*)(ring_buffer*)> events_{nullptr, ring_buffer__free};
  std::unique_ptr<user_ring_buffer, void (*)(user_ring_buffer*)> decisions_{nullptr, user_ring_buffer__free};
  MappedMemory control_;
  Napi::Reference<Napi::Float64Array> clock_;
  double* now_ = nullptr;
  int epoll_ = -1;
  int stop_ = -1;
  int poke_ = -1;
  // Decisions were made since this thread last slept: nobody may have seen them yet.
  bool undelivered_ = false;
  bool stopped_ = false;
  uint8_t* room_ = nullptr;
  size_t space_ = 0;
};
