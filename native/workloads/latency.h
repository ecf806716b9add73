/*
 * A histogram of times in fixed memory: exact up to 64 ns, within 1/32 above; minimum and maximum are exact. One thread
 * records into one histogram; histograms are added up afterwards.
 */
#ifndef DEVBOX_LATENCY_H
#define DEVBOX_LATENCY_H

#include <stdint.h>

#define LATENCY_SUBS 32
#define LATENCY_BUCKETS (64 * LATENCY_SUBS)

struct latency {
	uint64_t count;
	uint64_t max_ns;
	uint64_t buckets[LATENCY_BUCKETS];
};

void record_latency(struct latency *into, uint64_t ns);
void merge_latency(struct latency *into, const struct latency *from);
/* Nanoseconds that `share` (0…1) of the samples do not exceed. 0 without samples. */
uint64_t latency_quantile(const struct latency *of, double share);

/* {"samples":…,"p50":…,"p90":…,"p99":…,"max":…} in microseconds, and the same as one line of text after `label`. */
void report_latency(const char *name, const struct latency *of);
void print_latency(const char *label, const struct latency *of);

#endif
