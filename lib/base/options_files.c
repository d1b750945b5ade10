/* SPDX-License-Identifier: MIT */
/* The files that options name: what is written must be no file that is used otherwise. */
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/diag.h"
#include "base/file.h"
#include "base/options.h"

enum { FILES_MAX = sizeof(((struct eg_options *)0)->file) / sizeof(char *) + 2 };

struct named {
	const char *option, *path;
	bool written;
};

/* The options that were given and name a file. Returns how many. */
static size_t
list_files(const struct eg_options *o, struct named list[FILES_MAX])
{
	size_t n = 0;

	list[n++] = (struct named){ "metrics", o->common.metrics, true };
	list[n++] = (struct named){ "rejects", o->common.rejects, true };
	for (size_t i = 0; o->table[i].name != NULL; i++)
		if (o->file[i] != NULL)
			list[n++] = (struct named){ o->table[i].name, o->file[i], o->table[i].written };
	return n;
}

/* Whether it is a file that is written, and not a device, which several may share. */
static bool
is_written(const struct named *f)
{
	struct stat st;

	return f->path != NULL && f->written && (stat(f->path, &st) != 0 || !S_ISCHR(st.st_mode));
}

static _Noreturn void
refuse_same_file(const struct named *f, const char *other)
{
	eg_usage("--%s and %s name the same file, '%s'", f->option, other, f->path);
}

void
eg_options_files(const struct eg_options *o)
{
	struct named list[FILES_MAX];
	size_t n = list_files(o, list);
	struct eg_error e = { 0 };
	char name[64];

	for (size_t i = 0; i < n; i++) {
		if (!is_written(&list[i]))
			continue;
		(void)snprintf(name, sizeof(name), "--%s", list[i].option);
		if (eg_file_apart(name, list[i].path, &e) != 0)
			eg_usage("%s", e.text);
		for (size_t k = 0; k < n; k++) {
			(void)snprintf(name, sizeof(name), "--%s", list[k].option);
			if (k != i && list[k].path != NULL && eg_file_same(list[i].path, list[k].path))
				refuse_same_file(&list[i], name);
		}
	}
}

void
eg_options_own(const struct eg_options *o, const char *what, const char *path,
    const char *const ends[])
{
	static const char *const itself[] = { "", NULL };
	struct named list[FILES_MAX];
	size_t n = list_files(o, list);
	char name[PATH_MAX];

	for (; *(ends = ends != NULL ? ends : itself) != NULL; ends++) {
		(void)snprintf(name, sizeof(name), "%s%s", path, *ends);
		for (size_t i = 0; i < n; i++)
			if (is_written(&list[i]) && eg_file_same(list[i].path, name))
				refuse_same_file(&list[i], what);
	}
}
