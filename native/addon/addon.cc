#include <bpf/libbpf.h>
#include <napi.h>

#include "bpf-object.h"
#include "memory.h"
#include "random.h"
#include "relay-memory.h"
#include "relay.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("libbpfVersion", Napi::String::New(env, libbpf_version_string()));
  exports.Set("BpfObject", BpfObject::Define(env));
  exports.Set("kernelStructMembers", Napi::Function::New(env, KernelStructMembers));
  exports.Set("lockMemory", Napi::Function::New(env, LockMemory));
  exports.Set("reseed", Napi::Function::New(env, Reseed));
  exports.Set("Relay", Relay::Define(env));
  exports.Set("mapMemory", Napi::Function::New(env, MapMemory));
  exports.Set("mapSharedFile", Napi::Function::New(env, MapSharedFile));
  exports.Set("openEvent", Napi::Function::New(env, OpenEvent));
  exports.Set("setEvent", Napi::Function::New(env, SetEvent));
  exports.Set("closeEvent", Napi::Function::New(env, CloseEvent));
  exports.Set("exitNow", Napi::Function::New(env, ExitNow));
  return exports;
}

NODE_API_MODULE(devbox, Init)
