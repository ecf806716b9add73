#pragma once

#include <napi.h>

#include <string>

// A system error as JavaScript sees it: an Error with `code` (`EINVAL`), `errno` (22) and `log`, what libbpf said about it.
[[noreturn]] void ThrowErrno(Napi::Env env, int error, const std::string& what, const std::string& log = {});

// A mistake of the caller: an Error with a `code` of ours, kebab-case.
[[noreturn]] void ThrowCode(Napi::Env env, const char* code, const std::string& what);
