/* SPDX-License-Identifier: MIT */
/*
 * The least that carries messages of records from RabbitMQ to a child: checks their lines, as the
 * bare loop of bench_line does, writes them to its standard input, and acknowledges a message when
 * the child has given the same bytes back. It ends at a line that is no record. It is to eg-consume
 * what bench_drain is to eg-influx.
 *
 *	bench_feed QUEUE MESSAGES PREFETCH COMMAND [ARGUMENT...]
 *
 * ends after MESSAGES. The broker is the one of AMQP_URL.
 */
#include "bare_amqp.h"
#include "bare_line.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PREFETCH_MAX = 65535, READ_BYTES = 64 * 1024, PIPE_BYTES = 1024 * 1024 };

/* Tags [0, acked) are acknowledged, [acked, written) at the child, [written, arrived) wait. Of the
 * messages acked and written, `matched` and `given` bytes are done. */
struct feed {
	amqp_connection_state_t conn;
	int in, out;
	uint64_t prefetch, acked, written, arrived, messages;
	size_t matched, given;
	amqp_bytes_t *body; /* of tag k at k % prefetch; without bytes when it is acknowledged */
};

static void
start(struct feed *f, char *command[])
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
		die("no pipe");
	switch (fork()) {
	case -1:
		die("cannot fork");
	case 0:
		if (dup2(in[0], STDIN_FILENO) >= 0 && dup2(out[1], STDOUT_FILENO) >= 0)
			execvp(command[0], command);
		_exit(127);
	}
	f->in = in[1];
	f->out = out[0];
	close(in[0]);
	close(out[1]);
	(void)fcntl(f->out, F_SETPIPE_SZ, PIPE_BYTES);
	if (fcntl(f->in, F_SETFL, O_NONBLOCK) != 0 || fcntl(f->out, F_SETFL, O_NONBLOCK) != 0)
		die("a pipe cannot be set up");
}

static void
take_messages(struct feed *f)
{
	static char checked[4 * BARE_BODY_MAX];

	while (f->arrived < f->messages && f->arrived - f->acked < f->prefetch) {
		amqp_bytes_t *body = &f->body[f->arrived % f->prefetch];

		if (!take_body(f->conn, f->arrived + 1, body))
			return;
		if (bare_body(body->bytes, body->len, checked) == NULL)
			die("a message holds what is no record");
		f->arrived++;
	}
}

/* Writes what the child takes now. */
static void
feed(struct feed *f)
{
	while (f->written < f->arrived) {
		amqp_bytes_t b = f->body[f->written % f->prefetch];
		ssize_t n = write(f->in, (char *)b.bytes + f->given, b.len - f->given);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			die("the child reads no more");
		f->given += (size_t)n;
		if (f->given < b.len)
			continue;
		f->given = 0;
		f->written++;
	}
}

/* Takes the bytes that the child gave back. */
static void
match(struct feed *f, const char *text, size_t len)
{
	while (len > 0) {
		amqp_bytes_t *b = &f->body[f->acked % f->prefetch];
		size_t n = b->len - f->matched < len ? b->len - f->matched : len;

		if (b->bytes == NULL || memcmp((char *)b->bytes + f->matched, text, n) != 0)
			die("the child gave back what it was not given");
		f->matched += n;
		text += n;
		len -= n;
		if (f->matched < b->len)
			continue;
		amqp_bytes_free(*b);
		*b = amqp_empty_bytes;
		f->matched = 0;
		f->acked++;
	}
}

static void
take_receipts(struct feed *f)
{
	static char text[READ_BYTES];
	uint64_t before = f->acked;
	ssize_t n;

	while ((n = read(f->out, text, sizeof(text))) > 0)
		match(f, text, (size_t)n);
	if (n == 0 && f->acked < f->messages)
		die("the child has ended");
	if (f->acked > before && amqp_basic_ack(f->conn, 1, f->acked, 1) != AMQP_STATUS_OK)
		die("cannot acknowledge");
}

static void
run(struct feed *f)
{
	while (f->acked < f->messages) {
		struct pollfd fds[3] = { { .fd = f->out, .events = POLLIN }, { .events = POLLOUT },
			{ .events = POLLIN } };

		take_messages(f);
		feed(f);
		take_receipts(f);
		fds[1].fd = f->written < f->arrived ? f->in : -1;
		fds[2].fd = f->arrived - f->acked < f->prefetch ? amqp_get_sockfd(f->conn) : -1;
		if (f->acked < f->messages)
			(void)poll(fds, 3, -1);
	}
}

int
main(int argc, char *argv[])
{
	static struct feed f;
	int status;

	if (argc < 5)
		die("usage: bench_feed QUEUE MESSAGES PREFETCH COMMAND [ARGUMENT...]");
	f.messages = strtoul(argv[2], NULL, 10);
	f.prefetch = strtoul(argv[3], NULL, 10);
	if (f.prefetch < 1 || f.prefetch > PREFETCH_MAX)
		die("a number is out of range");
	f.body = calloc(f.prefetch, sizeof(*f.body));
	if (f.body == NULL)
		die("out of memory");
	start(&f, &argv[4]);
	f.conn = open_channel(0);
	subscribe(f.conn, argv[1], f.prefetch);
	run(&f);
	close_channel(f.conn);
	close(f.in);
	return wait(&status) > 0 && status == 0 ? 0 : 1;
}
