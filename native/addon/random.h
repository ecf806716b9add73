#pragma once

#include <napi.h>

// (): has OpenSSL's random number generator seed itself anew from the kernel: for a process that was copied with its machine.
void Reseed(const Napi::CallbackInfo& info);
