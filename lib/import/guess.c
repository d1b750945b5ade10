/* SPDX-License-Identifier: MIT */
#include "import/guess.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/utf8.h"
#include "import/formats.h"
#include "import/guess_columns.h"
#include "import/guess_table.h"
#include "import/input.h"
#include "import/sniff.h"
#include "import/trial.h"

enum { SAMPLE = 256 * 1024 };

struct sample {
	const char *file;
	char *text;
	size_t len;
	bool whole;
	int fd; /* a file in memory with the sample */
	const char *encoding; /* NULL: UTF-8 */
	char *line;           /* the command line that was found */
};

/* Reads the file's beginning, up to the end of a line. */
static int
read_sample(struct sample *s, struct eg_error *e)
{
	int fd = strcmp(s->file, "-") == 0 ? STDIN_FILENO : open(s->file, O_RDONLY | O_CLOEXEC);
	size_t got = 1;
	char *nl;

	if (fd < 0)
		return eg_fail(e, EG_LOCAL_IO, "cannot open '%s': %s", s->file, strerror(errno));
	if ((s->text = malloc(SAMPLE)) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	while (s->len < SAMPLE && got > 0) {
		if (eg_import_input(fd, s->text + s->len, SAMPLE - s->len, &got, NULL, e) != 0)
			return -1;
		s->len += got;
	}
	if (fd != STDIN_FILENO)
		close(fd);
	s->whole = got == 0;
	nl = memrchr(s->text, '\n', s->len);
	if (!s->whole && nl != NULL)
		s->len = (size_t)(nl + 1 - s->text);
	s->fd = memfd_create("sample", MFD_CLOEXEC);
	if (s->fd < 0 || write(s->fd, s->text, s->len) != (ssize_t)s->len)
		return eg_fail(e, EG_TEMPORARY, "cannot keep a sample of '%s': %s", s->file,
		    strerror(errno));
	return 0;
}

static bool
is_utf8(const struct sample *s)
{
	const char *end = s->text + s->len;
	size_t n;

	for (const char *p = s->text; p < end; p += n)
		if ((n = eg_utf8_len(p, end)) == 0)
			return end - p < 4 && !s->whole;
	return true;
}

/* Whether eg-import with these words reads the sample: almost no row is refused. */
static bool
works(const struct eg_words *w, const struct sample *s, struct eg_trial *r)
{
	return eg_trial(w, s->fd, r) && r->records > 0 && 10 * r->refused <= r->rows;
}

static int
propose(struct sample *s, const struct eg_words *w, const struct eg_trial *r, struct eg_error *e)
{
	eg_note("tried on %s: %llu rows, %llu records, %llu refused",
	    s->whole ? "the whole file" : "the beginning of the file", (unsigned long long)r->rows,
	    (unsigned long long)r->records, (unsigned long long)r->refused);
	return (s->line = eg_words_line(w, s->file)) != NULL ? 0 : eg_fail(e, EG_BUG, "out of memory");
}

static bool
has_option(const char *options, const char *name)
{
	size_t len = strlen(name);

	for (; options != NULL; options = strchr(options, '\n'), options += options != NULL)
		if (strncmp(options, name, len) == 0 &&
		    (options[len] == '=' || options[len] == '\n' || options[len] == '\0'))
			return true;
	return false;
}

/* Appends --encoding, if the sample needs it. */
static bool
begin_words(struct eg_words *w, const struct sample *s)
{
	return s->encoding == NULL || (eg_words_add(w, "--encoding") && eg_words_add(w, s->encoding));
}

/* Whether known export f reads the sample, with its own delimiter or another one. */
static bool
try_format(const struct sample *s, const struct eg_import_format *f, struct eg_words *w,
    struct eg_trial *r)
{
	static const char *const delimiters[] = { NULL, ";", "tab", "," };

	for (size_t i = 0; i < sizeof(delimiters) / sizeof(delimiters[0]); i++) {
		eg_words_free(w);
		if (begin_words(w, s) &&
		    (delimiters[i] == NULL || (eg_words_add(w, "-d") && eg_words_add(w, delimiters[i]))) &&
		    eg_words_add(w, f->name) && works(w, s, r))
			return true;
		if (has_option(f->options, "no-header") || has_option(f->options, "green-button") ||
		    has_option(f->options, "nem12"))
			break;
	}
	return false;
}

/* A format without a header fits many files: it must have two columns, and a plausible epoch
 * time. */
static bool
may_be_pairs(const struct sample *s, const struct eg_import_format *f)
{
	char delimiter = strstr(f->options, "delimiter=blank") != NULL ? ' '
	    : strstr(f->options, "delimiter=;") != NULL ? ';' : ',';
	const char *end = memchr(s->text, '\n', s->len);
	size_t parts = 1;

	for (const char *p = s->text; end != NULL && p < end; p++)
		parts += *p == delimiter && p[1] != delimiter;
	return parts == 2 && (strstr(f->options, "epoch") == NULL ||
	    (strspn(s->text, "0123456789") == 10 && (*s->text == '1' || *s->text == '2')));
}

/* Whether the sample has a line that names a column of f. If not, a trial is useless. */
static bool
may_be(const struct sample *s, const struct eg_import_format *f)
{
	const char *time = strstr(f->options, "time=");
	size_t len = time != NULL ? strcspn(time + 5, "|\n") : 0;

	if (has_option(f->options, "green-button"))
		return memmem(s->text, s->len, "IntervalBlock", 13) != NULL;
	if (has_option(f->options, "nem12"))
		return s->len > 4 && (memcmp(s->text, "100,", 4) == 0 ||
		    memmem(s->text, s->len, "\n200,", 5) != NULL || memcmp(s->text, "200,", 4) == 0);
	if (has_option(f->options, "no-header"))
		return may_be_pairs(s, f);
	/* Alternatives or another encoding: only a trial can decide. */
	return s->encoding != NULL || time == NULL || time[5 + len] == '|' ||
	    memmem(s->text, s->len, time + 5, len) != NULL;
}

/* The known export that reads the sample. Exports without a header come last, since they fit many
 * files. */
static bool
find_known(const struct sample *s, bool header, struct eg_words *w, struct eg_trial *r)
{
	for (const struct eg_import_format *f = eg_import_formats; f->name != NULL; f++)
		if (has_option(f->options, "no-header") != header && may_be(s, f) &&
		    try_format(s, f, w, r)) {
			eg_note("%s", f->what);
			if (!has_option(f->options, "tz") && strstr(f->options, "epoch") == NULL)
				eg_note("times without an offset, if any, are taken as UTC: give their zone as in "
				    "--tz Europe/Rome");
			return true;
		}
	return false;
}

/* The delimiter that splits most rows into the same number of columns. */
static int
read_table(const struct sample *s, struct eg_guess_table *t, char *delimiter, struct eg_error *e)
{
	static const char tried[] = "\t;|, ";
	size_t most = 0;

	*delimiter = ',';
	for (const char *d = tried; *d != '\0'; d++) {
		if (eg_guess_table_read(t, s->fd, *d, s->encoding, e) != 0)
			return -1;
		if (t->width >= 2 && t->full > most) {
			most = t->full;
			*delimiter = *d;
		}
		if (t->width >= 2 && 10 * t->full >= 6 * t->rows)
			return 0;
		eg_guess_table_free(t);
	}
	return eg_guess_table_read(t, s->fd, *delimiter, s->encoding, e);
}

static int
guess_columns(struct sample *s, struct eg_words *w, struct eg_error *e)
{
	struct eg_guess_table t = { .rows = 0 };
	struct eg_trial r;
	const char *why = NULL;
	char delimiter;
	int rc = read_table(s, &t, &delimiter, e);

	eg_words_free(w);
	if (rc == 0) {
		why = begin_words(w, s) ? eg_guess_columns(&t, delimiter, w) : "out of memory";
		if (why == NULL && works(w, s, &r))
			rc = propose(s, w, &r, e);
		else
			rc = eg_fail(e, EG_REFUSED, "cannot tell how to read '%s': %s; name its columns, and "
			    "look at the result with --head", s->file,
			    why != NULL ? why : "most rows would be refused");
	}
	eg_guess_table_free(&t);
	return rc;
}

static int
guess_command(struct sample *s, struct eg_words *w, struct eg_error *e)
{
	struct eg_sniffed is;
	struct eg_trial r;
	bool sniffed = eg_sniff(s->text, s->len, &is);

	if (s->len == 0)
		return eg_fail(e, EG_REFUSED, "'%s' is empty", s->file);
	if (sniffed && strcmp(is.what, "UTF-16") == 0) {
		s->encoding = strstr(is.advice, "utf-16le") != NULL ? "utf-16le"
		    : strstr(is.advice, "utf-16be") != NULL         ? "utf-16be" : "utf-16";
		eg_note("%s", is.what);
	} else if (sniffed && !is.text) {
		return eg_fail(e, EG_REFUSED, "'%s' is %s; %s", s->file, is.what, is.advice);
	} else if (!is_utf8(s)) {
		s->encoding = "latin1";
		eg_note("not UTF-8, taken as Latin-1");
	}
	if (find_known(s, true, w, &r) || find_known(s, false, w, &r))
		return propose(s, w, &r, e);
	if (sniffed && s->encoding == NULL && is.what[0] != '\0' && strchr("JXHt", is.what[0]) != NULL)
		return eg_fail(e, EG_REFUSED, "'%s' is %s; %s", s->file, is.what, is.advice);
	return guess_columns(s, w, e);
}

char *
eg_import_guess(const char *file, struct eg_error *e)
{
	struct sample s = { .file = file, .fd = -1 };
	struct eg_words w = { .n = 0 };

	if (read_sample(&s, e) == 0)
		(void)guess_command(&s, &w, e);
	eg_words_free(&w);
	if (s.fd >= 0)
		close(s.fd);
	free(s.text);
	return s.line;
}
