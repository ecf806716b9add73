#pragma once

#include <bpf/libbpf.h>
#include <napi.h>

#include <memory>
#include <string>

#include "ring-watch.h"

// One BPF object file, from opening to closing. The stages (open, loaded, attached) are checked by the TypeScript facade.
class BpfObject : public Napi::ObjectWrap<BpfObject> {
 public:
  static Napi::Function Define(Napi::Env env);
  // new BpfObject(path)
  explicit BpfObject(const Napi::CallbackInfo& info);
  ~BpfObject() override;

 private:
  void SetVariable(const Napi::CallbackInfo& info);            // (name, value)
  Napi::Value ReadVariable(const Napi::CallbackInfo& info);    // (name)
  void Load(const Napi::CallbackInfo& info);                   // ()
  void SetMaxEntries(const Napi::CallbackInfo& info);          // (map, count): before loading
  Napi::Value MapFd(const Napi::CallbackInfo& info);           // (map): valid until close()
  Napi::Value ProgramFd(const Napi::CallbackInfo& info);       // (program)
  Napi::Value ReadPerCpu(const Napi::CallbackInfo& info);      // (map): one value for each possible CPU, of key 0
  void WatchRing(const Napi::CallbackInfo& info);              // (map, callback)
  void Close(const Napi::CallbackInfo& info);                  // (): watches end, links are detached, maps are closed

  // sched-ext.cc
  void SetMember(const Napi::CallbackInfo& info);              // (map, member, value)
  Napi::Value MembersInUse(const Napi::CallbackInfo& info);    // (map): names of members that are not zero
  void Attach(const Napi::CallbackInfo& info);                 // (map)
  void Detach(const Napi::CallbackInfo& info);                 // ()

  struct Variable {
    uint32_t type;
    uint8_t* data;
  };
  Variable FindVariable(Napi::Env env, const std::string& name);
  bpf_map* FindMap(Napi::Env env, const std::string& name);
  void CloseAll();

  std::unique_ptr<bpf_object, void (*)(bpf_object*)> object_{nullptr, bpf_object__close};
  struct DestroyLink {
    void operator()(bpf_link* link) const { bpf_link__destroy(link); }
  };
  std::unique_ptr<bpf_link, DestroyLink> link_;
  std::unique_ptr<RingWatch> watch_;
};

// (structName): member names of a struct in the running kernel's BTF, null when there is no such struct.
Napi::Value KernelStructMembers(const Napi::CallbackInfo& info);
