/* What the C tests of this directory say on standard output: TAP, one line a check. */
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>

static int tap_checks;
static bool tap_failed;

__attribute__((format(printf, 2, 3))) static void check(bool holds, const char *format, ...)
{
	va_list words;

	if (tap_checks == 0)
		puts("TAP version 13");
	tap_failed |= !holds;
	printf("%sok %d - ", holds ? "" : "not ", ++tap_checks);
	va_start(words, format);
	vprintf(format, words);
	va_end(words);
	putchar('\n');
	fflush(stdout);
}

static int tap_end(void)
{
	printf("1..%d\n", tap_checks);
	return tap_failed;
}
