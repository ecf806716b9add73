// sched_ext: a scheduler is a struct_ops map of the type `sched_ext_ops`.
#include <bpf/btf.h>

#include <algorithm>
#include <cerrno>
#include <memory>

#include "bpf-object.h"
#include "btf-value.h"
#include "errors.h"
#include "libbpf-log.h"

namespace {

struct Member {
  const char* name;
  uint32_t type;
  uint8_t* data;
  size_t size;
};

template <typename Visit>
void ForEachMember(Napi::Env env, const bpf_object* object, bpf_map* map, Visit visit) {
  const btf* types = bpf_object__btf(object);
  size_t size = 0;
  auto* data = static_cast<uint8_t*>(bpf_map__initial_value(map, &size));
  const btf_type* type = btf__type_by_id(types, bpf_map__btf_value_type_id(map));
  if (bpf_map__type(map) != BPF_MAP_TYPE_STRUCT_OPS || !data || !type || !btf_is_struct(type)) {
    ThrowCode(env, "wrong-type", std::string(bpf_map__name(map)) + " is not a struct_ops map");
  }
  const btf_member* member = btf_members(type);
  for (uint16_t i = 0; i < btf_vlen(type); i++, member++) {
    int64_t bytes = btf__resolve_size(types, member->type);
    if (bytes <= 0) continue;
    visit(Member{btf__name_by_offset(types, member->name_off), member->type,
                 data + btf_member_bit_offset(type, i) / 8, static_cast<size_t>(bytes)});
  }
}

}  // namespace

void BpfObject::SetMember(const Napi::CallbackInfo& info) {
  bpf_map* map = FindMap(info.Env(), info[0].As<Napi::String>().Utf8Value());
  std::string name = info[1].As<Napi::String>().Utf8Value();
  bool found = false;
  ForEachMember(info.Env(), object_.get(), map, [&](const Member& member) {
    if (name != member.name) return;
    EncodeBtf(info[2], bpf_object__btf(object_.get()), member.type, member.data, name);
    found = true;
  });
  if (!found) ThrowCode(info.Env(), "no-such-member", "the scheduler does not declare sched_ext_ops." + name);
}

Napi::Value BpfObject::MembersInUse(const Napi::CallbackInfo& info) {
  bpf_map* map = FindMap(info.Env(), info[0].As<Napi::String>().Utf8Value());
  Napi::Array names = Napi::Array::New(info.Env());
  ForEachMember(info.Env(), object_.get(), map, [&](const Member& member) {
    bool used = std::any_of(member.data, member.data + member.size, [](uint8_t byte) { return byte != 0; });
    if (used) names[names.Length()] = Napi::String::New(info.Env(), member.name);
  });
  return names;
}

void BpfObject::Attach(const Napi::CallbackInfo& info) {
  bpf_map* map = FindMap(info.Env(), info[0].As<Napi::String>().Utf8Value());
  LibbpfLog log;
  link_.reset(bpf_map__attach_struct_ops(map));
  if (!link_) ThrowErrno(info.Env(), errno, std::string("attaching ") + bpf_map__name(map), log.text());
}

void BpfObject::Detach(const Napi::CallbackInfo&) { link_.reset(); }

Napi::Value KernelStructMembers(const Napi::CallbackInfo& info) {
  Napi::Env env = info.Env();
  LibbpfLog log;
  std::unique_ptr<btf, void (*)(btf*)> types(btf__load_vmlinux_btf(), btf__free);
  if (!types) ThrowErrno(env, errno, "reading the kernel's BTF", log.text());
  int id = btf__find_by_name_kind(types.get(), info[0].As<Napi::String>().Utf8Value().c_str(), BTF_KIND_STRUCT);
  if (id < 0) return env.Null();
  const btf_type* type = btf__type_by_id(types.get(), static_cast<uint32_t>(id));
  Napi::Array names = Napi::Array::New(env, btf_vlen(type));
  const btf_member* member = btf_members(type);
  for (uint16_t i = 0; i < btf_vlen(type); i++, member++) {
    names[uint32_t{i}] = Napi::String::New(env, btf__name_by_offset(types.get(), member->name_off));
  }
  return names;
}
