/* SPDX-License-Identifier: MIT */
/* Watches InfluxDB's query API and tells how long each reading took to be seen.
 *
 * usage: visible URL SINCE COUNT SECONDS [SENSOR]
 * Asks again and again for readings made after SINCE (epoch nanoseconds), until COUNT of
 * them (of SENSOR, or of all) have been seen or SECONDS are over; prints each as
 * `sensor timestamp value milliseconds`, the last measured from the reading's own
 * timestamp to the answer that first held it. Exit status 75 when some are missing. */
#include <curl/curl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/diag.h"
#include "base/number.h"
#include "record/record.h"

enum { SEEN = 1 << 21 };
/* A batch becomes visible series by series: ask for the last moments again. */
static const int64_t overlap_ns = 500 * 1000000LL;

struct answer {
	char *text;
	size_t len, room;
};

struct watch {
	CURL *curl;
	const char *url, *sensor;
	struct answer answer;
	uint64_t *seen;
	int64_t since, newest, seen_count;
};

static int64_t
real_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static size_t
on_data(char *data, size_t size, size_t n, void *ctx)
{
	struct answer *a = ctx;

	n *= size;
	if (a->len + n + 1 > a->room) {
		a->room = 2 * (a->len + n + 1);
		a->text = realloc(a->text, a->room);
		if (a->text == NULL)
			abort();
	}
	memcpy(a->text + a->len, data, n);
	a->len += n;
	a->text[a->len] = '\0';
	return n;
}

/* FNV-1a over the sensor, mixed with the time; true when it was not there before. */
static bool
first_time(struct watch *w, const char *sensor, int64_t ns)
{
	uint64_t h = 0xcbf29ce484222325u, at;

	for (const char *s = sensor; *s != '\0'; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3u;
	h = (h ^ (uint64_t)ns) * 0x9e3779b97f4a7c15u;
	h |= 1;
	for (at = h >> 40; w->seen[at % SEEN] != 0; at++)
		if (w->seen[at % SEEN] == h)
			return false;
	w->seen[at % SEEN] = h;
	return true;
}

static void
take_series(struct watch *w, struct json_object *series, int64_t now)
{
	struct json_object *tags, *name, *values;

	if (!json_object_object_get_ex(series, "tags", &tags) ||
	    !json_object_object_get_ex(tags, "sensor", &name) ||
	    !json_object_object_get_ex(series, "values", &values))
		return;
	for (size_t i = 0; i < json_object_array_length(values); i++) {
		struct json_object *row = json_object_array_get_idx(values, i);
		int64_t ns = json_object_get_int64(json_object_array_get_idx(row, 0));
		char text[EG_TIME_SIZE];

		if (!first_time(w, json_object_get_string(name), ns))
			continue;
		w->seen_count++;
		if (ns > w->newest)
			w->newest = ns;
		eg_time_format(ns, text);
		printf("%s %s %s %.3f\n", json_object_get_string(name), text,
		    json_object_to_json_string(json_object_array_get_idx(row, 1)),
		    (double)(now - ns) / 1e6);
	}
}

static void
take_answer(struct watch *w)
{
	int64_t now = real_ns();
	struct json_object *o = json_tokener_parse(w->answer.text), *results, *series;

	if (o != NULL && json_object_object_get_ex(o, "results", &results) &&
	    json_object_object_get_ex(json_object_array_get_idx(results, 0), "series", &series))
		for (size_t i = 0; i < json_object_array_length(series); i++)
			take_series(w, json_object_array_get_idx(series, i), now);
	json_object_put(o);
}

static void
ask(struct watch *w)
{
	char query[512], url[2048], *escaped;
	int64_t from = w->newest - overlap_ns;

	if (from < w->since)
		from = w->since;
	snprintf(query, sizeof(query),
	    "SELECT value FROM energy WHERE time > %lld%s%s%s GROUP BY sensor",
	    (long long)from, w->sensor != NULL ? " AND sensor = '" : "",
	    w->sensor != NULL ? w->sensor : "", w->sensor != NULL ? "'" : "");
	escaped = curl_easy_escape(w->curl, query, 0);
	snprintf(url, sizeof(url), "%s/query?db=energy&epoch=ns&q=%s", w->url, escaped);
	curl_free(escaped);
	w->answer.len = 0;
	curl_easy_setopt(w->curl, CURLOPT_URL, url);
	if (curl_easy_perform(w->curl) == CURLE_OK && w->answer.len > 0)
		take_answer(w);
}

int
main(int argc, char *argv[])
{
	struct watch w = { 0 };
	int64_t count, seconds, end;

	eg_diag_init("visible");
	if (argc < 5 || eg_int_parse(argv[2], 0, INT64_MAX, &w.since) != EG_NUMBER_OK ||
	    eg_int_parse(argv[3], 1, 1 << 20, &count) != EG_NUMBER_OK ||
	    eg_int_parse(argv[4], 1, 3600, &seconds) != EG_NUMBER_OK) {
		eg_fatal("usage: visible URL SINCE COUNT SECONDS [SENSOR]");
		return EG_USAGE;
	}
	w.url = argv[1];
	w.sensor = argv[5];
	w.seen = calloc(SEEN, sizeof(*w.seen));
	w.curl = curl_easy_init();
	if (w.seen == NULL || w.curl == NULL)
		return EG_BUG;
	curl_easy_setopt(w.curl, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(w.curl, CURLOPT_WRITEDATA, &w.answer);
	w.newest = w.since;
	end = real_ns() + seconds * 1000000000;
	while (w.seen_count < count && real_ns() < end) {
		struct timespec pause = { .tv_nsec = 1000000 };

		ask(&w);
		nanosleep(&pause, NULL);
	}
	curl_easy_cleanup(w.curl);
	free(w.answer.text);
	free(w.seen);
	return w.seen_count < count ? EG_TEMPORARY : EG_OK;
}
