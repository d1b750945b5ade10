/* SPDX-License-Identifier: MIT */
/* The bare loop that eg-import is held against: `epoch,value` rows on standard input to records of
 * sensor s, by getline(3), strtoll(3), strtod(3), gmtime_r(3) and printf(3). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int
main(void)
{
	char *line = NULL, *rest, *end;
	size_t room = 0;
	unsigned long long refused = 0;

	while (getline(&line, &room, stdin) > 0) {
		time_t at = strtoll(line, &rest, 10);
		char text[32];
		struct tm tm;

		if (rest == line || *rest != ',')
			continue; /* the header */
		(void)strtod(rest + 1, &end);
		if (end == rest + 1 || *end != '\n' || gmtime_r(&at, &tm) == NULL ||
		    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm) == 0) {
			refused++;
			continue;
		}
		printf("s:%s:%.*s\n", text, (int)(end - rest - 1), rest + 1);
	}
	free(line);
	return refused > 0 || fflush(stdout) != 0;
}
