/* SPDX-License-Identifier: MIT */
/*
 * The least that carries lines to RabbitMQ with receipts: reads standard input, looks for the
 * newlines only, publishes with confirms, and writes the lines when they are confirmed. What
 * eg-publish --batch is measured against.
 *
 *	bench_lines QUEUE WINDOW RECORDS [check]
 *
 * packs up to RECORDS lines that have arrived into a message, WINDOW messages unconfirmed at
 * most. As in eg-publish, a message that is not full is sent while no other such one is on its
 * way. With `check` it reads the lines too, as the bare loop of bench_line does, and ends at one
 * that is no record: the promise of eg-publish, but for --rejects. The broker is the one of
 * AMQP_URL.
 */
#include "bare_amqp.h"
#include "bare_line.h"

#include <poll.h>
#include <stdbool.h>
#include <unistd.h>

enum { ROOM = 256 * 1024, READ_MAX = 128 * 1024 };

struct message {
	char *text;
	size_t len;
	bool partial, confirmed;
};

struct pump {
	amqp_connection_state_t conn;
	amqp_bytes_t queue;
	long records;
	uint64_t window, sent, confirmed;
	uint64_t partials; /* messages on their way that are not full */
	struct message *ring;
	char in[ROOM + PAD];
	size_t len;
	bool eof, check;
};

/* The length of up to `records` whole lines in the input; *n: how many. */
static size_t
whole_lines(const struct pump *p, long *n)
{
	const char *at = p->in, *end = p->in + p->len, *nl;

	for (*n = 0; *n < p->records && (nl = memchr(at, '\n', (size_t)(end - at))) != NULL; ++*n)
		at = nl + 1;
	return (size_t)(at - p->in);
}

static void
check_lines(const struct message *m, const char *text)
{
	static char protocol[4 * ROOM];
	struct tally t = { 0 };

	(void)bare(text, text + m->len, protocol, &t);
	if (t.refused > 0)
		die("a line is no record");
}

static bool
send_one(struct pump *p)
{
	struct message *m = &p->ring[p->sent % p->window];
	long n;
	size_t len = whole_lines(p, &n);

	if (len == 0 || p->sent - p->confirmed == p->window || (n < p->records && p->partials > 0))
		return false;
	*m = (struct message){ .text = malloc(len), .len = len, .partial = n < p->records };
	if (m->text == NULL)
		die("out of memory");
	memcpy(m->text, p->in, len);
	if (p->check)
		check_lines(m, p->in);
	p->partials += m->partial;
	publish_lines(p->conn, p->queue, (amqp_bytes_t){ len, m->text });
	p->sent++;
	p->len -= len;
	memmove(p->in, p->in + len, p->len);
	return true;
}

static void
read_input(struct pump *p)
{
	size_t room = ROOM - p->len;
	ssize_t n = read(STDIN_FILENO, p->in + p->len, room < READ_MAX ? room : READ_MAX);

	if (n < 0)
		die("cannot read");
	p->eof = n == 0;
	p->len += (size_t)n;
}

static void
write_receipt(const struct message *m)
{
	for (size_t done = 0; done < m->len;) {
		ssize_t n = write(STDOUT_FILENO, m->text + done, m->len - done);

		if (n <= 0)
			die("cannot write");
		done += (size_t)n;
	}
}

/* Message k, counted from 0, has the tag k + 1. */
static void
take_confirms(struct pump *p)
{
	do {
		amqp_basic_ack_t ack = take_confirm(p->conn);
		uint64_t k = ack.multiple ? p->confirmed : ack.delivery_tag - 1;

		for (; k < ack.delivery_tag; k++)
			p->ring[k % p->window].confirmed = true;
		amqp_maybe_release_buffers(p->conn);
	} while (amqp_frames_enqueued(p->conn) || amqp_data_in_buffer(p->conn));
	for (; p->confirmed < p->sent && p->ring[p->confirmed % p->window].confirmed; p->confirmed++) {
		struct message *m = &p->ring[p->confirmed % p->window];

		write_receipt(m);
		p->partials -= m->partial;
		free(m->text);
	}
}

static void
run(struct pump *p)
{
	while (!p->eof || p->sent > p->confirmed || p->len > 0) {
		bool room = !p->eof && p->len < ROOM / 2;
		struct pollfd fds[2] = { { .fd = room ? STDIN_FILENO : -1, .events = POLLIN },
			{ .fd = amqp_get_sockfd(p->conn), .events = POLLIN } };

		(void)poll(fds, 2, -1);
		if (fds[0].revents != 0)
			read_input(p);
		if (fds[1].revents != 0)
			take_confirms(p);
		while (send_one(p))
			;
		if (p->eof && p->len > 0 && memchr(p->in, '\n', p->len) == NULL)
			die("the last line has no newline");
	}
}

int
main(int argc, char *argv[])
{
	static struct pump p;

	p.check = argc == 5 && strcmp(argv[4], "check") == 0;
	if (argc != 4 && !p.check)
		die("usage: bench_lines QUEUE WINDOW RECORDS [check]");
	p.window = strtoul(argv[2], NULL, 10);
	p.records = strtol(argv[3], NULL, 10);
	if (p.window < 1 || p.window > 100000 || p.records < 1 || p.records > 3000)
		die("a number is out of range");
	p.ring = calloc(p.window, sizeof(*p.ring));
	if (p.ring == NULL)
		die("out of memory");
	p.queue = amqp_cstring_bytes(argv[1]);
	p.conn = open_channel(0);
	amqp_confirm_select(p.conn, 1);
	check(p.conn, "no confirms");
	run(&p);
	close_channel(p.conn);
	free(p.ring);
	return 0;
}
