#include <string.h>

#include "workload.h"

#define LONGEST 32

/* Insertions, deletions and substitutions. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST + 1];
	size_t length = strlen(b);

	for (size_t j = 0; j <= length; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= length; j++) {
			size_t best = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < best)
				best = row[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
		}
	}
	return row[length];
}

const char *nearest_name(const char *typed, const char *const *names, size_t count)
{
	size_t length = strlen(typed);
	size_t limit = length / 3 > 2 ? length / 3 : 2;
	const char *best = NULL;

	if (length > LONGEST)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t d = strlen(names[i]) > LONGEST ? LONGEST : distance(typed, names[i]);

		if (d <= limit && d < length) {
			best = names[i];
			limit = d > 0 ? d - 1 : 0;
		}
	}
	return best;
}
