/* SPDX-License-Identifier: MIT */
/* Stores for the tests, in a folder of their own: puts records, and collects what comes out. */
#ifndef STORE_RUN_H
#define STORE_RUN_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/diag.h"
#include "record/time_arg.h"
#include "store/store.h"
#include "store/store_db.h"

#define DAY_NS INT64_C(86400000000000)

enum { TEXT_MAX = 64 * 1024, RECORDS = 64 };

static char folder[] = "/tmp/test_store.XXXXXX";
/* A path has to outlive its store. */
static char *path_of[RECORDS];
static size_t paths;

struct text {
	char s[TEXT_MAX];
	size_t len;
	size_t stop_at; /* lines, 0: never */
	size_t lines;
};

static int
collect(void *ctx, const char *text, size_t len, struct eg_error *e)
{
	struct text *t = ctx;

	(void)e;
	assert_true(t->len + len < sizeof(t->s));
	memcpy(t->s + t->len, text, len);
	t->len += len;
	t->s[t->len] = '\0';
	return ++t->lines == t->stop_at ? 1 : 0;
}

static struct eg_store *
open_at(const char *name, enum eg_store_mode mode)
{
	struct eg_error e = { 0 };
	struct eg_store *s;

	assert_true(paths < RECORDS);
	assert_true(asprintf(&path_of[paths], "%s/%s", folder, name) > 0);
	s = eg_store_open(path_of[paths++], mode, DAY_NS, &e);
	if (s == NULL)
		fail_msg("%s", e.text);
	return s;
}

/* A store that is not there yet. */
static struct eg_store *
new_store(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	return open_at(name, EG_STORE_CREATE);
}

static void
put(struct eg_store *s, const char *lines)
{
	struct eg_record rec[RECORDS];
	struct eg_error e = { 0 };
	size_t n = 0;

	for (const char *end; *lines != '\0'; lines = end + 1) {
		end = strchr(lines, '\n');
		assert_true(n < RECORDS);
		assert_int_equal(eg_record_parse(lines, (size_t)(end - lines), &rec[n++]), EG_FAULT_NONE);
	}
	if (eg_store_put(s, rec, n, &e) != EG_STORE_SAFE)
		fail_msg("%s", e.text);
}

/* at 0: now. */
static void
del(struct eg_store *s, const char *key, int64_t at)
{
	char buf[EG_STORE_KEY_SIZE];
	struct eg_error e = { 0 };
	struct eg_record r;

	assert_int_equal(eg_store_key_parse(key, strlen(key), buf, &r), EG_FAULT_NONE);
	assert_int_equal(eg_store_begin(s, &e), 0);
	assert_int_equal(eg_store_delete(s, &r, at == 0 ? eg_wall_ns() : at, at == 0, &e), 0);
	assert_int_equal(eg_store_commit(s, &e), 0);
}

static const char *
dump(struct eg_store *s, const char *sensor, int64_t from, int64_t to, enum eg_store_lines what)
{
	static struct text t;
	struct eg_time_span span = { from, to };
	struct eg_store_out out = { collect, &t };
	struct eg_error e = { 0 };

	memset(&t, 0, sizeof(t));
	assert_int_equal(sensor == NULL ? eg_store_dump(s, &span, what, &out, &e)
	    : eg_store_range(s, sensor, strlen(sensor), &span, what, &out, &e), 0);
	return t.s;
}

static const char *
all(struct eg_store *s)
{
	return dump(s, NULL, INT64_MIN, INT64_MAX, EG_STORE_RECORDS);
}

static const char *
digest(struct eg_store *s, const char *sensor)
{
	static struct text t[2];
	static int turn;
	struct eg_store_out out = { collect, &t[turn ^= 1] };
	struct eg_error e = { 0 };

	memset(&t[turn], 0, sizeof(t[turn]));
	assert_int_equal(sensor == NULL ? eg_store_digest(s, &out, &e)
	    : eg_store_days(s, sensor, strlen(sensor), &out, &e), 0);
	return t[turn].s;
}

static void
tell(const char *text)
{
	print_error("check: %s\n", text);
}

static uint64_t
check(struct eg_store *s)
{
	struct eg_error e = { 0 };
	uint64_t records, faults;

	assert_int_equal(eg_store_check(s, tell, &records, &faults, &e), 0);
	assert_int_equal(faults, 0);
	return records;
}

static int
make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) == NULL;
}

/* What is in it are files of this test. */
static int
remove_folder(void **state)
{
	char path[512];
	struct dirent *d;
	DIR *all = opendir(folder);

	(void)state;
	while (all != NULL && (d = readdir(all)) != NULL) {
		snprintf(path, sizeof(path), "%s/%s", folder, d->d_name);
		(void)unlink(path);
	}
	if (all != NULL)
		closedir(all);
	for (; paths > 0; paths--)
		free(path_of[paths - 1]);
	return rmdir(folder);
}

#endif
