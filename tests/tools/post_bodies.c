/* SPDX-License-Identifier: MIT */
/* Post a file of line protocol in ready-made bodies, as fast as libcurl goes: the bare
 * loop that eg-influx is measured against. usage: post_bodies URL FILE LINES CONNECTIONS */
#include <curl/curl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CONNECTIONS_MAX = 16, UPLOAD_BYTES = 512 * 1024 };

static const char *at, *end;
static long lines_per_body;

static _Noreturn void
fail(const char *why)
{
	fprintf(stderr, "post_bodies: %s\n", why);
	exit(1);
}

/* The whole file in memory, so that reading it does not count. */
static void
load(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *map;

	if (fd < 0 || fstat(fd, &st) != 0)
		fail("cannot open the file");
	map = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (map == MAP_FAILED)
		fail("cannot map the file");
	at = map;
	end = at + st.st_size;
	close(fd);
}

static size_t
next_body(void)
{
	const char *p = at;

	for (long n = 0; n < lines_per_body && p < end; n++) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));

		p = newline != NULL ? newline + 1 : end;
	}
	return (size_t)(p - at);
}

static bool
post(CURLM *multi, CURL *easy)
{
	size_t len = next_body();

	if (len == 0)
		return false;
	curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)len);
	curl_easy_setopt(easy, CURLOPT_POSTFIELDS, at);
	curl_multi_add_handle(multi, easy);
	at += len;
	return true;
}

static void
take_answers(CURLM *multi, int *busy)
{
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(multi, &left)) != NULL) {
		CURL *easy = m->easy_handle;
		long status = 0;

		curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
		if (m->data.result != CURLE_OK || status != 204)
			fail("a request was not answered with 204");
		curl_multi_remove_handle(multi, easy);
		*busy -= !post(multi, easy);
	}
}

int
main(int argc, char *argv[])
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");
	CURLM *multi = curl_multi_init();
	int busy = 0, running;
	long connections;

	if (argc != 5)
		fail("usage: post_bodies URL FILE LINES CONNECTIONS");
	load(argv[2]);
	lines_per_body = strtol(argv[3], NULL, 10);
	connections = strtol(argv[4], NULL, 10);
	if (lines_per_body < 1 || connections < 1 || connections > CONNECTIONS_MAX)
		fail("a number is out of range");
	for (long i = 0; i < connections; i++) {
		CURL *easy = curl_easy_init();

		curl_easy_setopt(easy, CURLOPT_URL, argv[1]);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
		busy += post(multi, easy);
	}
	while (busy > 0) {
		curl_multi_perform(multi, &running);
		take_answers(multi, &busy);
		if (running > 0)
			curl_multi_poll(multi, NULL, 0, 1000, NULL);
	}
	return 0;
}
