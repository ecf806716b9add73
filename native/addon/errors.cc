#include "errors.h"

#include <cstring>

void ThrowErrno(Napi::Env env, int error, const std::string& what, const std::string& log) {
  const char* name = strerrorname_np(error);
  Napi::Error thrown = Napi::Error::New(env, what + ": " + strerror(error));
  thrown.Set("code", name ? name : "EUNKNOWN");
  thrown.Set("errno", static_cast<double>(error));
  thrown.Set("log", log);
  throw thrown;
}

void ThrowCode(Napi::Env env, const char* code, const std::string& what) {
  Napi::Error thrown = Napi::Error::New(env, what);
  thrown.Set("code", code);
  throw thrown;
}
