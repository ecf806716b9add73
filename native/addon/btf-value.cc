#include "btf-value.h"

#include <cstring>

#include "errors.h"

static const btf_type* Resolve(const btf* types, uint32_t& type) {
  const btf_type* t = btf__type_by_id(types, type);
  while (t && (btf_is_mod(t) || btf_is_typedef(t))) {
    type = t->type;
    t = btf__type_by_id(types, type);
  }
  return t;
}

static bool IsCharArray(const btf* types, const btf_type* t) {
  uint32_t element = btf_array(t)->type;
  const btf_type* e = Resolve(types, element);
  return e && btf_is_int(e) && e->size == 1;
}

static uint64_t ReadUnsigned(const uint8_t* data, uint32_t size) {
  uint64_t value = 0;
  memcpy(&value, data, size);  // little-endian, as every machine that KVM or TCG boots for us
  return value;
}

static int64_t SignExtend(uint64_t value, uint32_t size) {
  unsigned shift = 64 - 8 * size;
  return static_cast<int64_t>(value << shift) >> shift;
}

static bool IsSigned(const btf_type* t) {
  return btf_is_int(t) ? (btf_int_encoding(t) & BTF_INT_SIGNED) != 0 : btf_kflag(t);
}

static bool IsScalar(const btf_type* t) { return btf_is_int(t) || btf_is_any_enum(t); }

static Napi::Value DecodeScalar(Napi::Env env, const btf_type* t, const uint8_t* data) {
  uint64_t value = ReadUnsigned(data, t->size);
  if (btf_is_int(t) && (btf_int_encoding(t) & BTF_INT_BOOL)) return Napi::Boolean::New(env, value != 0);
  if (IsSigned(t)) {
    int64_t number = SignExtend(value, t->size);
    if (t->size == 8) return Napi::BigInt::New(env, number);
    return Napi::Number::New(env, static_cast<double>(number));
  }
  if (t->size == 8) return Napi::BigInt::New(env, value);
  return Napi::Number::New(env, static_cast<double>(value));
}

Napi::Value DecodeBtf(Napi::Env env, const btf* types, uint32_t type, const uint8_t* data) {
  const btf_type* t = Resolve(types, type);
  if (!t) ThrowCode(env, "wrong-type", "a BTF type is missing");
  if (IsScalar(t) && t->size <= 8) return DecodeScalar(env, t, data);
  if (btf_is_ptr(t)) return Napi::BigInt::New(env, ReadUnsigned(data, 8));
  if (btf_is_array(t)) {
    const struct btf_array* array = btf_array(t);
    if (IsCharArray(types, t)) return Napi::Buffer<uint8_t>::Copy(env, data, array->nelems);
    int64_t size = btf__resolve_size(types, array->type);
    Napi::Array values = Napi::Array::New(env, array->nelems);
    for (uint32_t i = 0; i < array->nelems; i++) values[i] = DecodeBtf(env, types, array->type, data + i * size);
    return values;
  }
  if (btf_is_struct(t)) {
    Napi::Object object = Napi::Object::New(env);
    const btf_member* member = btf_members(t);
    for (uint16_t i = 0; i < btf_vlen(t); i++, member++) {
      const char* name = btf__name_by_offset(types, member->name_off);
      object.Set(name, DecodeBtf(env, types, member->type, data + btf_member_bit_offset(t, i) / 8));
    }
    return object;
  }
  ThrowCode(env, "wrong-type", "a BTF type has no JavaScript value");
}

static void EncodeScalar(Napi::Value value, const btf_type* t, uint8_t* data, const std::string& name) {
  Napi::Env env = value.Env();
  auto out_of_range = [&] {
    ThrowCode(env, "out-of-range", name + " does not take " + value.ToString().Utf8Value());
  };
  bool is_signed = IsSigned(t);
  uint64_t bits = 0;
  bool lossless = true;
  if (value.IsBoolean()) {
    bits = value.As<Napi::Boolean>().Value() ? 1 : 0;
  } else if (value.IsBigInt() && is_signed) {
    bits = static_cast<uint64_t>(value.As<Napi::BigInt>().Int64Value(&lossless));
  } else if (value.IsBigInt()) {
    bits = value.As<Napi::BigInt>().Uint64Value(&lossless);
  } else if (value.IsNumber()) {
    double number = value.As<Napi::Number>().DoubleValue();
    if (!(number >= -9007199254740991.0 && number <= 9007199254740991.0)) out_of_range();
    int64_t integer = static_cast<int64_t>(number);
    if (static_cast<double>(integer) != number || (integer < 0 && !is_signed)) out_of_range();
    bits = static_cast<uint64_t>(integer);
  } else {
    ThrowCode(env, "wrong-type", name + " takes a number");
  }
  bool fits = t->size == 8 || (is_signed ? SignExtend(bits, t->size) == static_cast<int64_t>(bits)
                                         : bits >> (8 * t->size) == 0);
  if (!lossless || !fits) out_of_range();
  memcpy(data, &bits, t->size);
}

void EncodeBtf(Napi::Value value, const btf* types, uint32_t type, uint8_t* data, const std::string& name) {
  const btf_type* t = Resolve(types, type);
  if (t && IsScalar(t) && t->size <= 8) return EncodeScalar(value, t, data, name);
  if (t && btf_is_array(t) && IsCharArray(types, t) && value.IsString()) {
    std::string text = value.As<Napi::String>().Utf8Value();
    uint32_t room = btf_array(t)->nelems;
    if (text.size() >= room || text.find('\0') != std::string::npos) {
      ThrowCode(value.Env(), "out-of-range",
                name + " takes at most " + std::to_string(room - 1) + " bytes without NUL");
    }
    memset(data, 0, room);
    memcpy(data, text.data(), text.size());
    return;
  }
  ThrowCode(value.Env(), "wrong-type", name + " is of a type that cannot be set");
}
