#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report.h"
#include "workload.h"

#define MAX_OPTIONS 8

static void print_value(FILE *to, const struct option_spec *option, uint64_t value)
{
	if (option->kind == OPTION_COUNT)
		fprintf(to, "%" PRIu64, value);
	else if (value >= SECOND)
		fprintf(to, "%gs", (double)value / SECOND);
	else
		fprintf(to, "%gms", (double)value / MILLISECOND);
}

static void print_help(const char *name, const struct option_spec *options, size_t count)
{
	printf("devbox-workload %s\n", name);
	for (size_t i = 0; i < count; i++) {
		printf("  --%s %s  %s (", options[i].name, options[i].kind == OPTION_COUNT ? "N" : "DURATION",
		       options[i].help);
		print_value(stdout, &options[i], options[i].value);
		printf(")\n");
	}
	printf("  --json  JSON lines on stdout instead of text\n");
}

static bool parse_duration(const char *text, uint64_t *ns)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 }, { "", 1e9 }, { "m", 60e9 }, { "min", 60e9 } };
	char *end;
	double number;

	/* strtod also takes signs, hexadecimal, infinity and white space. */
	if (text[0] < '0' || text[0] > '9' || strpbrk(text, "xXeEpP+- "))
		return false;
	number = strtod(text, &end);
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && number * units[i].ns < 1e18) {
			*ns = (uint64_t)(number * units[i].ns);
			return true;
		}
	}
	return false;
}

static bool parse_count(const char *text, uint64_t *count)
{
	size_t length = strlen(text);

	if (length == 0 || length > 15 || strspn(text, "0123456789") != length)
		return false;
	*count = strtoull(text, NULL, 10);
	return true;
}

static void set_option(const char *workload, struct option_spec *option, const char *text)
{
	uint64_t value = 0;
	bool good = option->kind == OPTION_COUNT ? parse_count(text, &value) : parse_duration(text, &value);

	if (good && value >= option->min && value <= option->max) {
		option->value = value;
		return;
	}
	fprintf(stderr, "%s: --%s takes ", workload, option->name);
	fprintf(stderr, option->kind == OPTION_COUNT ? "a number from " : "a time from ");
	print_value(stderr, option, option->min);
	fprintf(stderr, " to ");
	print_value(stderr, option, option->max);
	fprintf(stderr, ", not \"%s\".\n", text);
	exit(EXIT_BAD_USAGE);
}

static void refuse_flag(const char *workload, const char *typed, const struct option_spec *options, size_t count)
{
	const char *names[MAX_OPTIONS + 2] = { "json", "help" };
	const char *close;

	for (size_t i = 0; i < count; i++)
		names[i + 2] = options[i].name;
	fprintf(stderr, "%s: there is no flag \"%s\".", workload, typed);
	close = strncmp(typed, "--", 2) == 0 ? nearest_name(typed + 2, names, count + 2) : NULL;
	if (close)
		fprintf(stderr, " Did you mean --%s?", close);
	fprintf(stderr, " Flags:");
	for (size_t i = 0; i < count; i++)
		fprintf(stderr, " --%s", options[i].name);
	fprintf(stderr, " --json\n");
	exit(EXIT_BAD_USAGE);
}

void parse_options(int argc, char **argv, struct option_spec *options, size_t count)
{
	bool json = false;

	for (int i = 1; i < argc; i++) {
		struct option_spec *found = NULL;
		const char *value = NULL;
		char *word = argv[i];
		size_t length = strcspn(word, "=");

		if (strcmp(word, "--json") == 0) {
			json = true;
			continue;
		}
		if (strcmp(word, "--help") == 0) {
			print_help(argv[0], options, count);
			exit(0);
		}
		for (size_t j = 0; j < count && strncmp(word, "--", 2) == 0; j++) {
			if (strlen(options[j].name) == length - 2 &&
			    strncmp(word + 2, options[j].name, length - 2) == 0)
				found = &options[j];
		}
		if (!found) {
			word[length] = '\0';
			refuse_flag(argv[0], word, options, count);
		}
		value = word[length] == '=' ? word + length + 1 : argv[++i];
		if (!value) {
			fprintf(stderr, "%s: --%s needs a value.\n", argv[0], found->name);
			exit(EXIT_BAD_USAGE);
		}
		set_option(argv[0], found, value);
	}
	open_report(argv[0], json);
}
