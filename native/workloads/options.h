/* Strict flags: an unknown one, or a value out of range, ends the program with EXIT_BAD_USAGE and names what would do. */
#ifndef DEVBOX_OPTIONS_H
#define DEVBOX_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option_kind {
	OPTION_COUNT,
	/* `500us`, `20ms`, `1s`, `2m`, or seconds; the value is in nanoseconds. */
	OPTION_DURATION,
};

struct option_spec {
	const char *name;
	enum option_kind kind;
	const char *help;
	uint64_t min, max;
	/* The default, then what was given. */
	uint64_t value;
};

/* Besides `options`, every workload takes --json (see report.h) and --help. */
void parse_options(int argc, char **argv, struct option_spec *options, size_t count);

#define MILLISECOND 1000000ULL
#define SECOND 1000000000ULL
#define OPTIONS(array) (array), sizeof(array) / sizeof((array)[0])

#endif
