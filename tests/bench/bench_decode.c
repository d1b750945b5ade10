/* SPDX-License-Identifier: MIT */
/* The bare loop that eg-decode is held against: it knows the text of the messages, and copies what
 * stands behind marks, by getline(3), strstr(3), gmtime_r(3) and stdio. It checks nothing, and
 * knows no other order of the members.
 * usage: bench_decode shelly|json <MESSAGES */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VALUES = 4 };

static const struct form {
	const char *device, *time; /* the texts before them */
	const char *group;
	struct {
		const char *mark, *field;
	} value[VALUES];
} forms[] = {
	{ "{\"src\":\"", "\"ts\":", "/em/0",
	    { { "\"a_act_power\":", "/a_power:" }, { "\"a_voltage\":", "/a_voltage:" },
	        { "\"a_current\":", "/a_current:" }, { "\"total_act_power\":", "/total_power:" } } },
	{ "{\"id\":\"", "\"at\":", "",
	    { { "\"power\":", "/power:" }, { "\"voltage\":", "/voltage:" } } },
};

/* The text behind mark, from *at on; moves *at to it. */
static const char *
behind(const char **at, const char *mark, const char *stops, int *len)
{
	const char *text = strstr(*at, mark);

	if (text == NULL)
		exit(65);
	*at = text + strlen(mark);
	*len = (int)strcspn(*at, stops);
	return *at;
}

static void
put_message(const struct form *f, const char *line)
{
	int device_len, len;
	const char *at = line, *device = behind(&at, f->device, "\"", &device_len);
	time_t seconds = strtoll(behind(&at, f->time, ",}", &len), NULL, 10);
	struct tm tm;
	char time[32];
	size_t time_len;

	if (gmtime_r(&seconds, &tm) == NULL)
		exit(65);
	time_len = strftime(time, sizeof(time), "%Y-%m-%dT%H:%M:%S:", &tm);
	for (int i = 0; i < VALUES && f->value[i].mark != NULL; i++) {
		const char *value = behind(&at, f->value[i].mark, ",}", &len);

		fwrite_unlocked(device, 1, (size_t)device_len, stdout);
		fputs_unlocked(f->group, stdout);
		fputs_unlocked(f->value[i].field, stdout);
		fwrite_unlocked(time, 1, time_len, stdout);
		fwrite_unlocked(value, 1, (size_t)len, stdout);
		putchar_unlocked('\n');
	}
}

int
main(int argc, char *argv[])
{
	const struct form *f = &forms[argc == 2 && strcmp(argv[1], "json") == 0];
	char *line = NULL;
	size_t room = 0;

	while (getline(&line, &room, stdin) > 0)
		put_message(f, line);
	free(line);
	return fflush(stdout) != 0;
}
