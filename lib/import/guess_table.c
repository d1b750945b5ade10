/* SPDX-License-Identifier: MIT */
#include "import/guess_table.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/diag.h"
#include "base/slice.h"
#include "import/csv.h"
#include "import/unit.h"

static void
free_row(struct eg_guess_row *row)
{
	for (size_t c = 0; c < row->n; c++)
		free(row->cell[c]);
	free(row->cell);
}

static int
add_row(struct eg_guess_table *t, const struct eg_csv_row *row, struct eg_error *e)
{
	struct eg_guess_row *to;
	size_t n = row->n;

	/* The first half is never replaced; the other half holds the last rows, oldest first. */
	if (t->rows == EG_TABLE_ROWS) {
		free_row(&t->row[EG_TABLE_ROWS / 2]);
		memmove(&t->row[EG_TABLE_ROWS / 2], &t->row[EG_TABLE_ROWS / 2 + 1],
		    (EG_TABLE_ROWS / 2 - 1) * sizeof(t->row[0]));
		t->rows--;
	}
	to = &t->row[t->rows];

	while (n > 1 && row->field[n - 1].len == 0)
		n--;
	if ((to->cell = calloc(n + 1, sizeof(*to->cell))) == NULL)
		return eg_fail(e, EG_BUG, "out of memory");
	t->rows++;
	for (to->n = 0; to->n < n; to->n++)
		if ((to->cell[to->n] = strndup(row->field[to->n].s, row->field[to->n].len)) == NULL)
			return eg_fail(e, EG_BUG, "out of memory");
	return 0;
}

/* The width of most rows; of two equally frequent ones, the larger. Rows whose last cells are empty
 * are shorter. */
static void
find_width(struct eg_guess_table *t)
{
	for (size_t i = 0; i < t->rows; i++) {
		size_t same = 0;

		for (size_t k = 0; k < t->rows; k++)
			same += t->row[k].n == t->row[i].n;
		if (same > t->full || (same == t->full && t->row[i].n > t->width)) {
			t->full = same;
			t->width = t->row[i].n;
		}
	}
}

int
eg_guess_table_read(struct eg_guess_table *t, int fd, char delimiter, const char *encoding,
    struct eg_error *e)
{
	struct eg_csv_row row = { 0 };
	struct eg_sniffed is;
	struct eg_csv csv;

	memset(t, 0, sizeof(*t));
	if (lseek(fd, 0, SEEK_SET) < 0 || eg_csv_open(&csv, fd, delimiter, encoding, NULL, e) != 0)
		return -1;
	if (eg_csv_sniff(&csv, &is, e) >= 0)
		while (eg_csv_next(&csv, &row, e) > 0) {
			if (row.lineno == 1 && row.raw_len == 5 && strncasecmp(row.raw, "sep=", 4) == 0)
				continue;
			if (row.raw != NULL && row.reason == NULL && *row.raw != '#' &&
			    add_row(t, &row, e) != 0)
				break;
		}
	eg_csv_close(&csv);
	find_width(t);
	return e->status == EG_OK ? 0 : -1;
}

void
eg_guess_table_free(struct eg_guess_table *t)
{
	for (size_t r = 0; r < t->rows; r++)
		free_row(&t->row[r]);
	t->rows = 0;
}

const char *
eg_guess_cell(const struct eg_guess_table *t, size_t r, size_t c)
{
	return c < t->row[r].n ? t->row[r].cell[c] : "";
}

/* The decimal mark that points in a number without commas indicate; last: the last point. */
static bool
read_decimal_mark(const char *s, const char *last, struct eg_number_form *f)
{
	const char *first = strchr(s, '.');
	const bool thousands = strspn(last + 1, "0123456789") == 3 && *s != '0' && first > s &&
	    first - s <= 3;

	if (first == last && thousands)
		f->point_unsure = true;
	else if (first == last)
		f->point = true;
	else if (thousands) {
		f->thousands = '.';
		f->comma = true;
	}
	return first == last || thousands;
}

/* The decimal mark that a number's marks indicate: there is one of them, or there are two, and the
 * last is the decimal mark. */
static bool
read_marks(const char *s, struct eg_number_form *f)
{
	const char *dot = strrchr(s, '.'), *comma = strrchr(s, ',');
	size_t behind = comma != NULL ? strspn(comma + 1, "0123456789") : 0;

	if (dot != NULL && comma != NULL) {
		f->comma = comma > dot;
		f->thousands = comma > dot ? '.' : ',';
		return true;
	}
	if (comma == NULL)
		return dot == NULL || read_decimal_mark(s, dot, f);
	if (strchr(s, ',') != comma) {
		f->thousands = ',';
		return true;
	}
	/* In 1,234 the comma may be either mark; in 0,123 and 1,2 it can only be the decimal
	 * mark. */
	if (behind == 3 && *s != '0' && comma - s <= 3)
		f->unsure = true;
	else
		f->comma = true;
	return true;
}

bool
eg_number_looks(const char *s, struct eg_number_form *f)
{
	struct eg_slice number = { s, strlen(s) };
	char text[64];
	size_t len;

	if (number.len < sizeof(text) && eg_unit_cut(&number) != NULL) {
		memcpy(text, number.s, number.len);
		text[number.len] = '\0';
		s = text;
	}
	s += *s == '-' || *s == '+';
	len = strspn(s, "0123456789.,");
	if (len == 0 || strpbrk(s, "0123456789") == NULL || (s[len] != '\0' && (s[len] | 0x20) != 'e'))
		return false;
	if (s[len] != '\0') /* the number has an exponent */
		return s[len + 1 + strspn(s + len + 1, "+-0123456789")] == '\0' && s[len + 1] != '\0';
	return read_marks(s, f);
}

bool
eg_missing_looks(const char *s)
{
	static const char *const words[] = { "", "null", "nan", "-", "--", "---", "n/a", "na", "n/e",
		"?", "unavailable", "unknown", "none", "nul" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return false;
}
