#pragma once

#include <bpf/btf.h>
#include <napi.h>

#include <cstdint>
#include <string>

// C values to JavaScript and back, by the type information in the BPF object: no layout is written down twice.
//
// Integers and enums of up to 32 bits are numbers, 64 bits and pointers are bigints, `bool` is a boolean, an array of
// `char` is a Buffer, other arrays are arrays, a struct is an object with the members' names.
Napi::Value DecodeBtf(Napi::Env env, const btf* types, uint32_t type, const uint8_t* data);

// Writes a number, bigint, boolean or (for an array of char) a string. Throws `out-of-range` when it does not fit and
// `wrong-type` when the C type is none of these.
void EncodeBtf(Napi::Value value, const btf* types, uint32_t type, uint8_t* data, const std::string& name);
