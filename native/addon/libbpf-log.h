#pragma once

#include <string>

// Collects what libbpf prints on this thread while it lives: libbpf has one print function for the whole process, but
// each thread (and so each Node environment) gets only its own lines. Debug lines are dropped.
//
// A verifier log comes through here whole: libbpf enlarges its buffer until the kernel's log fits, then prints it.
class LibbpfLog {
 public:
  LibbpfLog();
  ~LibbpfLog();
  LibbpfLog(const LibbpfLog&) = delete;
  LibbpfLog& operator=(const LibbpfLog&) = delete;

  const std::string& text() const { return text_; }
  void Append(const char* data, size_t size) { text_.append(data, size); }

 private:
  LibbpfLog* outer_;
  std::string text_;
};
