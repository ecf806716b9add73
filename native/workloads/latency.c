#include "latency.h"

#include <inttypes.h>

#include "report.h"

static unsigned bucket_of(uint64_t ns)
{
	unsigned shift;

	if (ns < 2 * LATENCY_SUBS)
		return (unsigned)ns;
	shift = 63 - (unsigned)__builtin_clzll(ns) - 5;
	return shift * LATENCY_SUBS + (unsigned)(ns >> shift);
}

/* The largest time that falls into the bucket. */
static uint64_t bucket_top(unsigned bucket)
{
	unsigned shift;

	if (bucket < 2 * LATENCY_SUBS)
		return bucket;
	shift = bucket / LATENCY_SUBS - 1;
	return (((uint64_t)(bucket - shift * LATENCY_SUBS) + 1) << shift) - 1;
}

void record_latency(struct latency *into, uint64_t ns)
{
	into->buckets[bucket_of(ns)]++;
	into->count++;
	if (ns > into->max_ns)
		into->max_ns = ns;
}

void merge_latency(struct latency *into, const struct latency *from)
{
	for (unsigned i = 0; i < LATENCY_BUCKETS; i++)
		into->buckets[i] += from->buckets[i];
	into->count += from->count;
	if (from->max_ns > into->max_ns)
		into->max_ns = from->max_ns;
}

uint64_t latency_quantile(const struct latency *of, double share)
{
	uint64_t rank = (uint64_t)(share * (double)of->count);
	uint64_t seen = 0;

	for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
		seen += of->buckets[i];
		if (seen > rank || (seen == of->count && seen > 0)) {
			uint64_t top = bucket_top(i);

			return top < of->max_ns ? top : of->max_ns;
		}
	}
	return 0;
}

static double us(uint64_t ns)
{
	return (double)ns / 1000;
}

void report_latency(const char *name, const struct latency *of)
{
	begin_object(name);
	add_count("samples", of->count);
	add_number("p50", us(latency_quantile(of, 0.5)));
	add_number("p90", us(latency_quantile(of, 0.9)));
	add_number("p99", us(latency_quantile(of, 0.99)));
	add_number("max", us(of->max_ns));
	end_object();
}

void print_latency(const char *label, const struct latency *of)
{
	text("%s p50 %.0f us, p90 %.0f us, p99 %.0f us, max %.0f us (%" PRIu64 " samples)\n", label,
	     us(latency_quantile(of, 0.5)), us(latency_quantile(of, 0.9)), us(latency_quantile(of, 0.99)),
	     us(of->max_ns), of->count);
}
