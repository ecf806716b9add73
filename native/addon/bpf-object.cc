#include "bpf-object.h"

#include <bpf/bpf.h>
#include <bpf/btf.h>

#include <cerrno>
#include <cstring>
#include <vector>

#include "btf-value.h"
#include "errors.h"
#include "libbpf-log.h"

Napi::Function BpfObject::Define(Napi::Env env) {
  return DefineClass(env, "BpfObject",
                     {
                         InstanceMethod("setVariable", &BpfObject::SetVariable),
                         InstanceMethod("readVariable", &BpfObject::ReadVariable),
                         InstanceMethod("load", &BpfObject::Load),
                         InstanceMethod("setMaxEntries", &BpfObject::SetMaxEntries),
                         InstanceMethod("mapFd", &BpfObject::MapFd),
                         InstanceMethod("programFd", &BpfObject::ProgramFd),
                         InstanceMethod("readPerCpu", &BpfObject::ReadPerCpu),
                         InstanceMethod("watchRing", &BpfObject::WatchRing),
                         InstanceMethod("close", &BpfObject::Close),
                         InstanceMethod("setMember", &BpfObject::SetMember),
                         InstanceMethod("membersInUse", &BpfObject::MembersInUse),
                         InstanceMethod("attach", &BpfObject::Attach),
                         InstanceMethod("detach", &BpfObject::Detach),
                     });
}

BpfObject::BpfObject(const Napi::CallbackInfo& info) : Napi::ObjectWrap<BpfObject>(info) {
  std::string path = info[0].As<Napi::String>().Utf8Value();
  LibbpfLog log;
  object_.reset(bpf_object__open_file(path.c_str(), nullptr));
  if (!object_) ThrowErrno(info.Env(), errno, "opening " + path, log.text());
}

BpfObject::~BpfObject() { CloseAll(); }

void BpfObject::CloseAll() {
  link_.reset();
  watch_.reset();
  object_.reset();
}

void BpfObject::Close(const Napi::CallbackInfo&) { CloseAll(); }

bpf_map* BpfObject::FindMap(Napi::Env env, const std::string& name) {
  bpf_map* map = object_ ? bpf_object__find_map_by_name(object_.get(), name.c_str()) : nullptr;
  if (!map) ThrowCode(env, "no-such-map", "the BPF object has no map " + name);
  return map;
}

// A global variable is an entry of the DATASEC that describes its section, which libbpf turned into a map.
BpfObject::Variable BpfObject::FindVariable(Napi::Env env, const std::string& name) {
  const btf* types = object_ ? bpf_object__btf(object_.get()) : nullptr;
  bpf_map* map = nullptr;
  if (types) {
    bpf_object__for_each_map(map, object_.get()) {
      const btf_type* section = btf__type_by_id(types, bpf_map__btf_value_type_id(map));
      if (!bpf_map__is_internal(map) || !section || !btf_is_datasec(section)) continue;
      size_t size = 0;
      auto* data = static_cast<uint8_t*>(bpf_map__initial_value(map, &size));
      const btf_var_secinfo* entry = btf_var_secinfos(section);
      for (uint16_t i = 0; data && i < btf_vlen(section); i++, entry++) {
        const btf_type* variable = btf__type_by_id(types, entry->type);
        if (name == btf__name_by_offset(types, variable->name_off) && entry->offset + entry->size <= size) {
          return {variable->type, data + entry->offset};
        }
      }
    }
  }
  ThrowCode(env, "no-such-variable", "the BPF object has no variable " + name);
}

void BpfObject::SetVariable(const Napi::CallbackInfo& info) {
  std::string name = info[0].As<Napi::String>().Utf8Value();
  Variable variable = FindVariable(info.Env(), name);
  EncodeBtf(info[1], bpf_object__btf(object_.get()), variable.type, variable.data, name);
}

Napi::Value BpfObject::ReadVariable(const Napi::CallbackInfo& info) {
  Variable variable = FindVariable(info.Env(), info[0].As<Napi::String>().Utf8Value());
  return DecodeBtf(info.Env(), bpf_object__btf(object_.get()), variable.type, variable.data);
}

void BpfObject::Load(const Napi::CallbackInfo& info) {
  if (!object_) ThrowCode(info.Env(), "closed", "the BPF object is closed");
  LibbpfLog log;
  int error = bpf_object__load(object_.get());
  if (error) ThrowErrno(info.Env(), -error, std::string("loading ") + bpf_object__name(object_.get()), log.text());
}

void BpfObject::SetMaxEntries(const Napi::CallbackInfo& info) {
  std::string name = info[0].As<Napi::String>().Utf8Value();
  int error = bpf_map__set_max_entries(FindMap(info.Env(), name), info[1].As<Napi::Number>().Uint32Value());
  if (error) ThrowErrno(info.Env(), -error, "sizing " + name);
}

Napi::Value BpfObject::MapFd(const Napi::CallbackInfo& info) {
  std::string name = info[0].As<Napi::String>().Utf8Value();
  int fd = bpf_map__fd(FindMap(info.Env(), name));
  if (fd < 0) ThrowErrno(info.Env(), -fd, "opening " + name);
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value BpfObject::ProgramFd(const Napi::CallbackInfo& info) {
  std::string name = info[0].As<Napi::String>().Utf8Value();
  bpf_program* program = object_ ? bpf_object__find_program_by_name(object_.get(), name.c_str()) : nullptr;
  if (!program) ThrowCode(info.Env(), "no-such-program", "the BPF object has no program " + name);
  int fd = bpf_program__fd(program);
  if (fd < 0) ThrowErrno(info.Env(), -fd, "opening " + name);
  return Napi::Number::New(info.Env(), fd);
}

Napi::Value BpfObject::ReadPerCpu(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  std::string name = info[0].As<Napi::String>().Utf8Value();
  bpf_map* map = FindMap(env, name);
  uint32_t type = bpf_map__btf_value_type_id(map);
  int cpus = libbpf_num_possible_cpus();
  if (bpf_map__type(map) != BPF_MAP_TYPE_PERCPU_ARRAY || !type) ThrowCode(env, "wrong-type", name + " is not per CPU");
  if (cpus < 0) ThrowErrno(env, -cpus, "counting CPUs");
  // The kernel rounds each CPU's value up to eight bytes.
  size_t stride = (bpf_map__value_size(map) + 7) & ~size_t{7};
  std::vector<uint8_t> values(stride * static_cast<size_t>(cpus));
  uint32_t key = 0;
  int error = bpf_map__lookup_elem(map, &key, sizeof(key), values.data(), values.size(), 0);
  if (error) ThrowErrno(env, -error, "reading " + name);
  Napi::Array result = Napi::Array::New(env, static_cast<size_t>(cpus));
  for (int cpu = 0; cpu < cpus; cpu++) {
    result[static_cast<uint32_t>(cpu)] =
        DecodeBtf(env, bpf_object__btf(object_.get()), type, values.data() + stride * static_cast<size_t>(cpu));
  }
  return result;
}

void BpfObject::WatchRing(const Napi::CallbackInfo& info) {
  std::string name = info[0].As<Napi::String>().Utf8Value();
  int fd = bpf_map__fd(FindMap(info.Env(), name));
  if (fd < 0) ThrowErrno(info.Env(), -fd, "watching " + name);
  watch_.reset();
  watch_ = std::make_unique<RingWatch>(info.Env(), fd, info[1].As<Napi::Function>());
}
