#pragma once

#include <napi.h>

// (): keeps the pages of programs and libraries in memory once they have been touched, so that a page fault seldom waits
// for a disk, and with it for a thread that the scheduler under test has yet to run.
//
// Not mlockall(): V8 gives memory back with madvise(MADV_DONTNEED), which fails on locked memory, and V8 aborts when it
// does. Anonymous memory needs no lock, because a guest has no swap.
void LockMemory(const Napi::CallbackInfo& info);
