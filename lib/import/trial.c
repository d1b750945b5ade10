/* SPDX-License-Identifier: MIT */
#include "import/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/utf8.h"

extern char **environ;

bool
eg_words_add(struct eg_words *w, const char *text)
{
	if (w->n == EG_WORDS || (w->at[w->n] = strdup(text)) == NULL)
		return false;
	w->n++;
	return true;
}

void
eg_words_free(struct eg_words *w)
{
	while (w->n > 0)
		free(w->at[--w->n]);
}

/* Appends a text between $' and ', with escapes for all that is not printable ASCII. */
static char *
put_escaped(char *o, const char *text)
{
	o = stpcpy(o, "$'");
	for (; *text != '\0'; text++)
		if (*text < ' ' || *text > '~')
			o += snprintf(o, 5, "\\%03o", (unsigned char)*text);
		else if (*text == '\'' || *text == '\\')
			o = stpcpy(o, (char[]){ '\\', *text, '\0' });
		else
			*o++ = *text;
	return stpcpy(o, "'");
}

/* Appends a word, quoted for a shell. Needs room for 4 bytes per byte, plus 3. */
static char *
put_shell_word(char *o, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
		"_-+=/.,:%@";

	if (*text != '\0' && strspn(text, plain) == strlen(text))
		return stpcpy(o, text);
	if (!eg_utf8_is_printable(text, strlen(text)))
		return put_escaped(o, text);
	*o++ = '\'';
	for (; *text != '\0'; text++)
		if (*text == '\'')
			o = stpcpy(o, "'\\''");
		else
			*o++ = *text;
	return stpcpy(o, "'");
}

char *
eg_words_line(const struct eg_words *w, const char *file)
{
	size_t room = 32 + 4 * strlen(file);
	char *line, *o;

	for (size_t i = 0; i < w->n; i++)
		room += 4 * strlen(w->at[i]) + 4;
	if ((line = malloc(room)) == NULL)
		return NULL;
	o = stpcpy(line, "eg-import");
	for (size_t i = 0; i < w->n; i++)
		o = put_shell_word(stpcpy(o, " "), w->at[i]);
	put_shell_word(stpcpy(o, *file == '-' && file[1] != '\0' ? " ./" : " "), file);
	return line;
}

/* Reads the counters that -v printed. */
static bool
read_messages(int fd, struct eg_trial *r)
{
	char text[8192];
	off_t room = (off_t)sizeof(text) - 1, size = lseek(fd, 0, SEEK_END);
	ssize_t n = pread(fd, text, sizeof(text) - 1, size > room ? size - room : 0);
	char *at;
	unsigned long long rows, records, outside, refused;

	text[n > 0 ? n : 0] = '\0';
	at = strstr(text, "info: ");
	if (at == NULL ||
	    sscanf(at, "info: %llu rows: %llu records, %llu rows outside --from and --to, %llu",
	        &rows, &records, &outside, &refused) != 4)
		return false;
	*r = (struct eg_trial){ rows, records, refused };
	return true;
}

/* Runs argv with the three standard descriptors. */
static bool
run(char *argv[], const char *in, int err)
{
	posix_spawn_file_actions_t act;
	pid_t pid;
	int status = 0;
	bool ran;

	if (posix_spawn_file_actions_init(&act) != 0)
		return false;
	ran = posix_spawn_file_actions_addopen(&act, STDIN_FILENO, in, O_RDONLY, 0) == 0 &&
	    posix_spawn_file_actions_addopen(&act, STDOUT_FILENO, "/dev/null", O_WRONLY, 0) == 0 &&
	    posix_spawn_file_actions_adddup2(&act, err, STDERR_FILENO) == 0 &&
	    posix_spawn(&pid, "/proc/self/exe", &act, NULL, argv, environ) == 0;
	posix_spawn_file_actions_destroy(&act);
	while (ran && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return false;
	return ran && WIFEXITED(status);
}

bool
eg_trial(const struct eg_words *w, int sample, struct eg_trial *result)
{
	static char program[] = "eg-import", verbose[] = "-v";
	char *argv[EG_WORDS + 3] = { program, verbose }, in[32];
	int err = memfd_create("messages", MFD_CLOEXEC);
	bool ok;

	if (err < 0)
		return false;
	(void)snprintf(in, sizeof(in), "/proc/self/fd/%d", sample);
	memcpy(argv + 2, w->at, w->n * sizeof(w->at[0]));
	ok = run(argv, in, err) && read_messages(err, result);
	close(err);
	return ok;
}
