#include "random.h"

#include <cerrno>

#include "errors.h"

// Node has OpenSSL in it and lets addons call it.
extern "C" int RAND_poll() __attribute__((weak));

void Reseed(const Napi::CallbackInfo& info) {
  if (RAND_poll == nullptr || RAND_poll() != 1) ThrowErrno(info.Env(), ENOSYS, "RAND_poll");
}
