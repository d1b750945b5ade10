/* SPDX-License-Identifier: MIT */
/* A node in the cluster file: its command and its kind. */
#include "cluster/member.h"

#include <limits.h>
#include <string.h>

#include "base/file.h"

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

static bool
is_listed(const char *word, const char *const list[])
{
	while (*list != NULL && strcmp(word, *list) != 0)
		list++;
	return *list != NULL;
}

/* The index of the word eg-store in argv; the index of the final NULL if there is none. */
static size_t
find_store(char *const *argv)
{
	size_t i = 0;

	while (argv[i] != NULL && strcmp(base_name(argv[i]), "eg-store") != 0)
		i++;
	return i;
}

enum eg_member_kind
eg_member_guess(char *const *argv)
{
	return argv[find_store(argv)] != NULL ? EG_MEMBER_STORE : EG_MEMBER_STAGE;
}

bool
eg_member_is_ssh(char *const *argv)
{
	return strcmp(base_name(argv[0]), "ssh") == 0;
}

/* The operand FILE after eg-store and its options; NULL if none is found. */
static const char *
store_file(char *const *argv)
{
	static const char *const with_argument[] = { "-k", "--keep", "--grace", "--metrics",
		"--rejects", "--timeout", NULL };
	size_t i = find_store(argv);

	if (argv[i] == NULL)
		return NULL;
	for (i++; argv[i] != NULL && argv[i][0] == '-'; i++) {
		if (strcmp(argv[i], "--") == 0)
			return argv[i + 1];
		if (is_listed(argv[i], with_argument) && argv[++i] == NULL)
			return NULL;
	}
	return argv[i];
}

/* Whether the command runs eg-store on this machine, in our working directory. */
static bool
is_local(char *const *argv)
{
	static const char *const wrappers[] = { "chrt", "ionice", "nice", "nohup", "setsid", "taskset",
		"timeout", NULL };

	return find_store(argv) == 0 || is_listed(base_name(argv[0]), wrappers);
}

/* Copies path without components that are empty or `.`. */
static void
tidy(const char *path, char out[PATH_MAX])
{
	size_t n = 0;

	if (*path == '/')
		out[n++] = '/';
	while (*path != '\0') {
		size_t len = strcspn(path, "/");

		if (len > 0 && !(len == 1 && *path == '.') && n + len + 2 < PATH_MAX) {
			memcpy(out + n, path, len);
			n += len;
			out[n++] = '/';
		}
		path += len + (path[len] == '/');
	}
	out[n > 1 ? n - 1 : n] = '\0';
}

/* Whether the words before the operand FILE are the same in both commands. */
static bool
same_front(char *const *a, char *const *b)
{
	size_t n = find_store(a), m = find_store(b);

	if (n != m)
		return false;
	for (size_t i = 0; i < n; i++)
		if (strcmp(a[i], b[i]) != 0)
			return false;
	return true;
}

static bool
same_words(char *const *a, char *const *b)
{
	while (*a != NULL && *b != NULL && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return *a == NULL && *b == NULL;
}

const char *
eg_member_common(const struct eg_member *a, const struct eg_member *b)
{
	const char *one = store_file(a->argv), *two = store_file(b->argv);
	char tidied[2][PATH_MAX];

	if (same_words(a->argv, b->argv))
		return "command";
	if (one == NULL || two == NULL)
		return NULL;
	if (is_local(a->argv) && is_local(b->argv))
		return eg_file_same(one, two) ? "store" : NULL;
	tidy(one, tidied[0]);
	tidy(two, tidied[1]);
	return same_front(a->argv, b->argv) && strcmp(tidied[0], tidied[1]) == 0 ? "store" : NULL;
}
