#include <bpf/libbpf.h>
#include <napi.h>

#include "bpf-object.h"
#include "memory.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  exports.Set("libbpfVersion", Napi::String::New(env, libbpf_version_string()));
  exports.Set("BpfObject", BpfObject::Define(env));
  exports.Set("kernelStructMembers", Napi::Function::New(env, KernelStructMembers));
  exports.Set("lockMemory", Napi::Function::New(env, LockMemory));
  return exports;
}

NODE_API_MODULE(devbox, Init)
