/*
 * One JSON object for each result, as a line: to the descriptor in DEVBOX_REPORT_FD when it is set, and to stdout with
 * --json. People read text(), which --json silences.
 *
 *   begin_report(); add_number("forks", n); begin_object("wakeupLatencyUs"); … end_object(); end_report();
 *
 * Names carry their unit: durationMs, wakeupLatencyUs.
 */
#ifndef DEVBOX_REPORT_H
#define DEVBOX_REPORT_H

#include <stdbool.h>
#include <stdint.h>

void open_report(const char *workload, bool json);

/* printf to stdout, unless --json. */
void text(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* {"type":"workload-result","workload":NAME */
void begin_report(void);
void add_count(const char *name, uint64_t value);
/* Rounded to three decimals. */
void add_number(const char *name, double value);
void begin_object(const char *name);
void end_object(void);
void begin_array(const char *name);
void end_array(void);
/* An element of an array that is an object. */
void begin_element(void);
void end_report(void);

#endif
