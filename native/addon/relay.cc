#include "relay.h"

#include <bpf/bpf.h>
#include <poll.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>

#include "errors.h"
#include "native-fifo.h"

namespace {

// native/bpf/relay.h
constexpr size_t kEventBytes = 64;
constexpr size_t kDecisionBytes = 32;
constexpr size_t kControlBytes = 64;
constexpr uint32_t kPreempt = 1;
// The kernel hears at least this often that the agent lives.
constexpr double kBeatNs = 50e6;

double MonotonicNs() {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) * 1e9 + static_cast<double>(time.tv_nsec);
}

int Descriptor(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Number>().Int32Value();
}

}  // namespace

Napi::Function Relay::Define(Napi::Env env) {
  return DefineClass(env, "Relay",
                     {
                         InstanceMethod("wait", &Relay::Wait),
                         InstanceMethod("submit", &Relay::Submit),
                         InstanceMethod("runNativeFifo", &Relay::RunNativeFifo),
                         InstanceMethod("now", &Relay::Now),
                     });
}

Relay::Relay(const Napi::CallbackInfo& info) : Napi::ObjectWrap<Relay>(info) {
  Napi::Env env = info.Env();
  auto files = info[0].As<Napi::Object>();
  auto memory = info[1].As<Napi::Object>();
  auto clock = memory.Get("clock").As<Napi::Float64Array>();
  auto room = memory.Get("events").As<Napi::Uint32Array>();
  auto decided = memory.Get("decisions").As<Napi::Uint32Array>();
  if (clock.ElementLength() < 2) ThrowCode(env, "out-of-range", "the clock has two hands");
  memory_ = Napi::Persistent(memory);
  clock_ = clock.Data();
  events_room_ = reinterpret_cast<uint8_t*>(room.Data());
  events_space_ = room.ByteLength() / kEventBytes;
  decided_ = decided.Data();
  decided_space_ = decided.ByteLength() / kDecisionBytes;
  stop_ = Descriptor(files, "stop");
  poke_ = Descriptor(files, "poke");
  int events = Descriptor(files, "events");
  events_.reset(ring_buffer__new(events, OnRecord, this, nullptr));
  if (!events_) ThrowErrno(env, errno, "mapping the events");
  decisions_.reset(user_ring_buffer__new(Descriptor(files, "decisions"), nullptr));
  if (!decisions_) ThrowErrno(env, errno, "mapping the decisions");
  if (!control_.Map(Descriptor(files, "control"), kControlBytes)) ThrowErrno(env, errno, "mapping the relay's control");
  epoll_ = epoll_create1(EPOLL_CLOEXEC);
  if (epoll_ < 0) ThrowErrno(env, errno, "epoll");
  for (int fd : {events, stop_}) {
    epoll_event wanted{};
    wanted.events = EPOLLIN;
    wanted.data.fd = fd;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &wanted) != 0) {
      int error = errno;
      CloseAll();
      ThrowErrno(env, error, "epoll");
    }
  }
  // Timers of a policy are in microseconds; the default slack is 50 of them.
  prctl(PR_SET_TIMERSLACK, 1);
  Beat();
}

Relay::~Relay() { CloseAll(); }

void Relay::CloseAll() {
  if (epoll_ >= 0) close(epoll_);
  epoll_ = -1;
}

double Relay::Beat() {
  double now = MonotonicNs();
  __atomic_store_n(static_cast<uint64_t*>(control_.data()), static_cast<uint64_t>(now), __ATOMIC_RELAXED);
  clock_[0] = now;
  return now;
}

int Relay::OnRecord(void* context, void* data, size_t size) {
  auto* self = static_cast<Relay*>(context);
  if (size == kEventBytes && self->space_ > 0) {
    memcpy(self->room_, data, kEventBytes);
    self->room_ += kEventBytes;
    self->space_--;
  }
  return 0;
}

int Relay::Take() {
  size_t before = space_;
  int taken = ring_buffer__consume_n(events_.get(), space_);
  return taken < 0 ? taken : static_cast<int>(before - space_);
}

void Relay::Sleep(double ns) {
  auto whole = static_cast<int64_t>(ns);
  timespec timeout{whole / 1'000'000'000, whole % 1'000'000'000};
  epoll_event ready[2];
  undelivered_ = false;
  int count = epoll_pwait2(epoll_, ready, 2, &timeout, nullptr);
  for (int i = 0; i < count; i++) stopped_ |= ready[i].data.fd == stop_;
}

Napi::Value Relay::Wait(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), WaitFor(info.Env(), clock_[1], events_space_));
}

int Relay::WaitFor(Napi::Env env, double until, size_t at_most) {
  room_ = events_room_;
  space_ = at_most;
  double now = Beat();
  int taken = Take();
  // A CPU that chooses takes the decisions. Sleeping makes this one choose; there being more to do, yielding does.
  if (taken > 0 && undelivered_ && poke_ < 0) {
    undelivered_ = false;
    sched_yield();
  }
  while (taken == 0 && !stopped_ && now < until) {
    Sleep(std::min(kBeatNs, until - now));
    now = Beat();
    taken = Take();
  }
  if (taken < 0) ThrowErrno(env, -taken, "reading events");
  return stopped_ ? -1 : taken;
}

void Relay::Poke(int32_t cpu, uint32_t flags) {
  struct {
    int32_t cpu;
    uint32_t flags;
  } argument{cpu, flags};
  LIBBPF_OPTS(bpf_test_run_opts, options);
  options.ctx_in = &argument;
  options.ctx_size_in = sizeof(argument);
  // Failing to is no worse than a busy machine: some CPU chooses sooner or later.
  bpf_prog_test_run_opts(poke_, &options);
}

Napi::Value Relay::Submit(const Napi::CallbackInfo& info) {
  uint32_t first = info[0].As<Napi::Number>().Uint32Value();
  uint32_t count = info[1].As<Napi::Number>().Uint32Value();
  if (first > decided_space_ || count > decided_space_ - first)
    ThrowCode(info.Env(), "out-of-range", "there are not so many decisions");
  return Napi::Number::New(info.Env(), Put(first, count));
}

uint32_t Relay::Put(uint32_t first, uint32_t count) {
  const uint32_t* words = decided_ + size_t{first} * (kDecisionBytes / 4);
  uint32_t done = 0, flags = 0;
  int32_t cpu = -1;
  for (; done < count; done++, words += kDecisionBytes / 4) {
    void* sample = user_ring_buffer__reserve(decisions_.get(), kDecisionBytes);
    if (!sample) break;
    memcpy(sample, words, kDecisionBytes);
    cpu = static_cast<int32_t>(words[2]);
    flags |= words[3] & kPreempt;
    user_ring_buffer__submit(decisions_.get(), sample);
  }
  if (done > 0) undelivered_ = true;
  if (count > 0 && poke_ >= 0) {
    Poke(cpu, flags);
  } else if (done < count) {
    sched_yield();
  }
  if (done < count) {
    // Alive, but not heard. Nobody takes them any more once the scheduler is gone.
    Beat();
    pollfd stop{stop_, POLLIN, 0};
    stopped_ |= poll(&stop, 1, 0) > 0;
    if (stopped_) done = count;
  }
  return done;
}

void Relay::RunNativeFifo(const Napi::CallbackInfo& info) {
  auto masks = info[0].As<Napi::Uint32Array>();
  int cpus = info[1].As<Napi::Number>().Int32Value();
  auto slice = static_cast<uint64_t>(info[2].As<Napi::Number>().Int64Value());
  size_t at_once = std::min(events_space_, decided_space_ / NativeFifo::kDecisionsOfEvent);
  NativeFifo fifo(masks.ByteLength() / 32, cpus, masks.Data(), slice);
  for (;;) {
    int count = WaitFor(info.Env(), HUGE_VAL, at_once);
    if (count < 0) return;
    const auto* events = reinterpret_cast<const uint32_t*>(events_room_);
    auto decided = static_cast<uint32_t>(fifo.Handle(events, static_cast<size_t>(count), decided_));
    for (uint32_t done = 0; done < decided;) done += Put(done, decided - done);
  }
}

Napi::Value Relay::Now(const Napi::CallbackInfo& info) { return Napi::Number::New(info.Env(), MonotonicNs()); }
