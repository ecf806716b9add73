#include "report.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A reader takes lines of up to 64 KiB. */
static char line[60000];
static size_t used;
static bool needs_comma;
static const char *workload;
static int report_fd = -1;
static bool json_on_stdout;

void open_report(const char *name, bool json)
{
	const char *number = getenv("DEVBOX_REPORT_FD");

	workload = name;
	json_on_stdout = json;
	if (number && strspn(number, "0123456789") == strlen(number) && number[0] && strlen(number) < 5)
		report_fd = atoi(number);
	setvbuf(stdout, NULL, _IOLBF, 0);
}

void text(const char *format, ...)
{
	va_list arguments;

	if (json_on_stdout)
		return;
	va_start(arguments, format);
	vprintf(format, arguments);
	va_end(arguments);
}

__attribute__((format(printf, 1, 2))) static void put(const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(line + used, sizeof(line) - used, format, arguments);
	va_end(arguments);
	/* Cut: end_report() sees that the line is full and does not send half an object. */
	used = length < 0 || used + (size_t)length >= sizeof(line) ? sizeof(line) : used + (size_t)length;
}

static void put_name(const char *name)
{
	if (needs_comma)
		put(",");
	if (name)
		put("\"%s\":", name);
	needs_comma = true;
}

void begin_report(void)
{
	used = 0;
	put("{\"type\":\"workload-result\",\"workload\":\"%s\"", workload);
	needs_comma = true;
}

void add_count(const char *name, uint64_t value)
{
	put_name(name);
	put("%" PRIu64, value);
}

void add_number(const char *name, double value)
{
	put_name(name);
	put("%.3f", value);
}

static void open_with(const char *name, char bracket)
{
	put_name(name);
	put("%c", bracket);
	needs_comma = false;
}

static void close_with(char bracket)
{
	put("%c", bracket);
	needs_comma = true;
}

void begin_object(const char *name)
{
	open_with(name, '{');
}

void end_object(void)
{
	close_with('}');
}

void begin_array(const char *name)
{
	open_with(name, '[');
}

void end_array(void)
{
	close_with(']');
}

void begin_element(void)
{
	open_with(NULL, '{');
}

static void write_all(int fd)
{
	for (size_t done = 0; done < used;) {
		ssize_t n = write(fd, line + done, used - done);

		if (n < 0 && errno == EINTR)
			continue;
		/* Nobody reads: the text is still there. */
		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

void end_report(void)
{
	put("}\n");
	if (used >= sizeof(line)) {
		fprintf(stderr, "%s: the report is too long to send.\n", workload);
		return;
	}
	if (report_fd >= 0)
		write_all(report_fd);
	if (json_on_stdout)
		write_all(STDOUT_FILENO);
}
