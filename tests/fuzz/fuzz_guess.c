/* SPDX-License-Identifier: MIT */
/*
 * A libFuzzer target: whatever a file holds, its first bytes are looked at, it is read as a table,
 * and what is guessed of its columns are words of a command line, none of which is too long.
 * The first byte picks delimiter and encoding; the rest is the file. The command line is not run:
 * fuzz_import does what it would do.
 *	clang -fsanitize=fuzzer,address,undefined; run with corpus/guess */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/diag.h"
#include "import/guess_columns.h"
#include "import/guess_table.h"
#include "import/sniff.h"
#include "import/trial.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a shell would make of the line are as many words as there are. */
static void
check_line(const struct eg_words *w)
{
	char *line = eg_words_line(w, "it's a file");
	static const char end[] = " 'it'\\''s a file'";
	size_t len = line != NULL ? strlen(line) : 0;

	if (len < sizeof(end) || strncmp(line, "eg-import ", 10) != 0 ||
	    strcmp(line + len - (sizeof(end) - 1), end) != 0)
		abort();
	free(line);
}

static void
guess(int file, char delimiter, const char *encoding)
{
	struct eg_guess_table t = { .rows = 0 };
	struct eg_words w = { .n = 0 };
	struct eg_error e = { .status = EG_OK };
	const char *why;

	if (eg_guess_table_read(&t, file, delimiter, encoding, &e) != 0)
		abort();
	for (size_t r = 0; r < t.rows; r++)
		for (size_t c = 0; c <= t.row[r].n; c++)
			if (eg_guess_cell(&t, r, c) == NULL)
				abort();
	why = eg_guess_columns(&t, delimiter, &w);
	if (why == NULL && w.n == 0)
		abort();
	if (why == NULL)
		check_line(&w);
	eg_words_free(&w);
	eg_guess_table_free(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char delimiters[] = ",;\t| ";
	static const char *const encodings[] = { NULL, NULL, "latin1", "utf-16le" };
	static int file = -1;
	struct eg_sniffed is = { NULL, NULL, false };

	if (file < 0) {
		file = memfd_create("guess", MFD_CLOEXEC);
		/* Notes are not what is looked for. */
		if (getenv("EG_FUZZ_LOUD") == NULL)
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
	}
	if (size == 0 || ftruncate(file, 0) != 0 || pwrite(file, data + 1, size - 1, 0) < 0)
		return 0;
	if (eg_sniff((const char *)data + 1, size - 1, &is) && (is.what == NULL || is.advice == NULL))
		abort();
	guess(file, delimiters[data[0] % 5], encodings[data[0] >> 6]);
	return 0;
}
