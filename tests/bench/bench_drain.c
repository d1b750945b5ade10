/* SPDX-License-Identifier: MIT */
/*
 * The least that carries messages from RabbitMQ to InfluxDB: posts their bodies, which have to be
 * line protocol, unparsed with libcurl, and acknowledges them when the answer was 204. What
 * eg-consume -- eg-influx is measured against.
 *
 *	bench_drain QUEUE URL MESSAGES PREFETCH BODIES CONNECTIONS [records]
 *
 * ends after MESSAGES; a request has up to BODIES bodies that have arrived. With `records` the
 * bodies are records. It turns them into line protocol, as the bare loop of bench_line does, and
 * ends at a line that is none: the promise of eg-consume -- eg-influx, but for --rejects. The
 * broker is the one of AMQP_URL; the URL is that of the write.
 *
 * With `-` for QUEUE the records come on standard input, to its end, and go to standard output when
 * they are written: behind bench_feed, with the promise of two programs that know nothing of each
 * other. A body then is what one read brings.
 */
#include "bare_amqp.h"
#include "bare_line.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

enum {
	CONNECTIONS_MAX = 16,
	PREFETCH_MAX = 65535,
	UPLOAD_BYTES = 512 * 1024,
	READ_BYTES = 64 * 1024,
	WAIT_MS = 1000,
};

/* A request, with the delivery tags [first, end). */
struct request {
	CURL *easy;
	bool busy;
	uint64_t first, end;
	char *body;
	size_t len, room;
};

/* Tags [0, acked) are acknowledged, [acked, sent) posted, [sent, arrived) wait. */
struct drain {
	amqp_connection_state_t conn; /* NULL: standard input */
	char rest[READ_BYTES];        /* of standard input: a line without its end */
	size_t rest_len;
	CURLM *multi;
	struct request request[CONNECTIONS_MAX];
	long connections;
	bool records;
	uint64_t bodies, prefetch, acked, sent, arrived, messages;
	amqp_bytes_t *waiting; /* body of tag k at k % prefetch */
	bool *done;
};

static void
take_messages(struct drain *d)
{
	while (d->arrived - d->acked < d->prefetch &&
	    take_body(d->conn, d->arrived + 1, &d->waiting[d->arrived % d->prefetch]))
		d->arrived++;
}

/* The whole lines of what standard input has now become a body. */
static void
take_lines(struct drain *d)
{
	while (d->messages == UINT64_MAX && d->arrived - d->acked < d->prefetch) {
		char *text = malloc(d->rest_len + READ_BYTES), *end;
		ssize_t n;

		if (text == NULL)
			die("out of memory");
		memcpy(text, d->rest, d->rest_len);
		n = read(STDIN_FILENO, text + d->rest_len, READ_BYTES);
		if (n <= 0) {
			free(text);
			if (n == 0)
				d->messages = d->arrived;
			return;
		}
		n += (ssize_t)d->rest_len;
		end = memrchr(text, '\n', (size_t)n);
		if (end == NULL || text + n - end - 1 > READ_BYTES)
			die("a line is too long");
		d->rest_len = (size_t)(text + n - end - 1);
		memcpy(d->rest, end + 1, d->rest_len);
		d->waiting[d->arrived++ % d->prefetch] = (amqp_bytes_t){ (size_t)(end + 1 - text), text };
	}
}

static void
write_receipts(struct drain *d, uint64_t k, uint64_t end)
{
	for (; k < end; k++) {
		amqp_bytes_t *b = &d->waiting[k % d->prefetch];

		for (size_t at = 0; at < b->len;) {
			ssize_t n = write(STDOUT_FILENO, (char *)b->bytes + at, b->len - at);

			if (n < 0)
				die("cannot write");
			at += (size_t)n;
		}
		free(b->bytes);
	}
}

static void
make_room(struct request *r, size_t more)
{
	if (r->len + more <= r->room)
		return;
	r->room = 2 * (r->len + more);
	r->body = realloc(r->body, r->room);
	if (r->body == NULL)
		die("out of memory");
}

static void
append_records(struct request *r, amqp_bytes_t body)
{
	char *end;

	make_room(r, 4 * body.len);
	end = bare_body(body.bytes, body.len, r->body + r->len);
	if (end == NULL)
		die("a message holds what is no record");
	r->len = (size_t)(end - r->body);
}

static void
append(struct request *r, amqp_bytes_t body)
{
	make_room(r, body.len);
	memcpy(r->body + r->len, body.bytes, body.len);
	r->len += body.len;
}

static void
post(struct drain *d, struct request *r)
{
	r->first = d->sent;
	r->len = 0;
	for (; d->sent < d->arrived && d->sent - r->first < d->bodies; d->sent++) {
		(d->records ? append_records : append)(r, d->waiting[d->sent % d->prefetch]);
		if (d->conn != NULL)
			amqp_bytes_free(d->waiting[d->sent % d->prefetch]);
	}
	r->end = d->sent;
	r->busy = true;
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->len);
	curl_easy_setopt(r->easy, CURLOPT_POSTFIELDS, r->body);
	curl_multi_add_handle(d->multi, r->easy);
}

static void
take_answers(struct drain *d)
{
	uint64_t before = d->acked;
	CURLMsg *m;
	int left;

	while ((m = curl_multi_info_read(d->multi, &left)) != NULL) {
		struct request *r;
		long status = 0;

		curl_easy_getinfo(m->easy_handle, CURLINFO_RESPONSE_CODE, &status);
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, (char **)&r);
		if (m->data.result != CURLE_OK || status != 204)
			die("a request was not answered with 204");
		curl_multi_remove_handle(d->multi, r->easy);
		r->busy = false;
		for (uint64_t k = r->first; k < r->end; k++)
			d->done[k % d->prefetch] = true;
	}
	for (; d->acked < d->sent && d->done[d->acked % d->prefetch]; d->acked++)
		d->done[d->acked % d->prefetch] = false;
	if (d->conn == NULL)
		write_receipts(d, before, d->acked);
	else if (d->acked > before && amqp_basic_ack(d->conn, 1, d->acked, 1) != AMQP_STATUS_OK)
		die("cannot acknowledge");
}

static void
run(struct drain *d)
{
	while (d->acked < d->messages) {
		struct curl_waitfd fd = { .events = CURL_WAIT_POLLIN };
		int running;

		if (d->conn != NULL)
			fd.fd = amqp_get_sockfd(d->conn);
		(d->conn != NULL ? take_messages : take_lines)(d);
		for (long i = 0; i < d->connections; i++)
			if (!d->request[i].busy && d->sent < d->arrived)
				post(d, &d->request[i]);
		curl_multi_perform(d->multi, &running);
		take_answers(d);
		if (d->acked < d->messages && (d->sent == d->arrived || running == d->connections))
			curl_multi_poll(d->multi, &fd, d->arrived - d->acked < d->prefetch, WAIT_MS, NULL);
	}
}

static void
open_requests(struct drain *d, const char *url)
{
	struct curl_slist *headers = curl_slist_append(NULL, "Expect:");

	d->multi = curl_multi_init();
	for (long i = 0; i < d->connections; i++) {
		CURL *easy = curl_easy_init();

		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
		curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, (long)UPLOAD_BYTES);
		curl_easy_setopt(easy, CURLOPT_PRIVATE, &d->request[i]);
		d->request[i].easy = easy;
	}
}

int
main(int argc, char *argv[])
{
	static struct drain d;

	d.records = argc == 8 && strcmp(argv[7], "records") == 0;
	if (argc != 7 && !d.records)
		die("usage: bench_drain QUEUE URL MESSAGES PREFETCH BODIES CONNECTIONS [records]");
	d.messages = strtoul(argv[3], NULL, 10);
	d.prefetch = strtoul(argv[4], NULL, 10);
	d.bodies = strtoul(argv[5], NULL, 10);
	d.connections = strtol(argv[6], NULL, 10);
	if (d.prefetch < 1 || d.prefetch > PREFETCH_MAX || d.bodies < 1 || d.connections < 1 ||
	    d.connections > CONNECTIONS_MAX)
		die("a number is out of range");
	d.waiting = calloc(d.prefetch, sizeof(*d.waiting));
	d.done = calloc(d.prefetch, sizeof(*d.done));
	if (d.waiting == NULL || d.done == NULL)
		die("out of memory");
	open_requests(&d, argv[2]);
	if (strcmp(argv[1], "-") == 0) {
		d.messages = UINT64_MAX;
		if (fcntl(STDIN_FILENO, F_SETFL, O_NONBLOCK) != 0)
			die("standard input cannot be set up");
		run(&d);
		return 0;
	}
	d.conn = open_channel(0);
	subscribe(d.conn, argv[1], d.prefetch);
	run(&d);
	close_channel(d.conn);
	return 0;
}
