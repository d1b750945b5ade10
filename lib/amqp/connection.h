/* SPDX-License-Identifier: MIT */
/* A connection to RabbitMQ with one channel, which reconnects after a loss. It includes
 * rabbitmq-c's amqp.h, so only files of lib/amqp may include it. */
#ifndef EG_CONNECTION_H
#define EG_CONNECTION_H

#if __has_include(<rabbitmq-c/amqp.h>) /* rabbitmq-c 0.12 and later */
#include <rabbitmq-c/amqp.h>
#include <rabbitmq-c/framing.h>
#else
#include <amqp.h>
#include <amqp_framing.h>
#endif
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "amqp/amqp_options.h"
#include "base/backoff.h"

#define EG_CHANNEL 1 /* number of the channel for publishing and consuming */

/* Number of the channel for the number of waiting messages (queue_depth.h). Its answers do not
 * show that the broker works: a node that is cut off gives them from its own state. */
#define EG_CHANNEL_DEPTH 1002
#define EG_CHANNEL_ANSWER 1003 /* number of the channel for answers to markers */

/* Probes test whether the broker works while no frame arrives; they use a channel of their own
 * (connection_probe.c). If the server refuses one kind, the next is used. */
enum eg_probe { EG_PROBE_UNBIND, EG_PROBE_SUBSCRIBE, EG_PROBE_NONE };
enum eg_probe_channel { EG_CHANNEL_CLOSED, EG_CHANNEL_OPEN, EG_CHANNEL_CLOSING };

/* How the connection ended. */
enum eg_connection_end {
	EG_END_OTHER,
	EG_END_SILENT,  /* no answer within the time limit */
	EG_END_REFUSED, /* the server refused a request that it may accept later */
};

struct eg_connection {
	const struct eg_amqp_options *broker;
	amqp_connection_state_t conn; /* NULL: not connected */
	/* Times are on eg_mono_ms's clock. */
	size_t at;           /* index of the URL in use, or of the next one to try */
	unsigned denied;     /* set of addresses (a bit each) whose server said that the queue
			      * does not exist */
	enum eg_connection_end end;
	int64_t silence[EG_AMQP_URLS]; /* per address: time of the last missing answer; 0: never */
	bool corked;         /* see eg_connection_cork */
	bool blocked;        /* the broker sent connection.blocked: it accepts no messages now */
	int64_t heard;       /* time when bytes last arrived */
	int64_t heartbeat_ms;
	int64_t beat;        /* time when eg_connection_beat last sent a heartbeat */
	long verdict;        /* OpenSSL's verification result for the server's certificate; 0:
			      * valid */
	struct eg_backoff retry;
	/* The value of retry before this connection. It is restored if the connection is lost
	 * before it has carried a confirm, a delivery or an answer. */
	struct eg_backoff before;
	/* time of connecting; 0: it has carried a confirm, a delivery or an answer */
	int64_t opened;
	int64_t away_ms;     /* length of the outage before this connection, in ms; -1: none */
	uint64_t reconnects;

	/* For connection_answer.c, which finds out whether the broker answers. */
	const char *probe_queue; /* set by the owner: queue for the probes; NULL: send none */
	enum eg_probe probe;
	enum eg_probe_channel probe_channel;
	int64_t answered;    /* time when a frame of a channel last arrived */
	int64_t pending_since; /* time since when an answer is pending; 0: none is expected */
	bool warned;         /* warned that the answer is missing (with a single address) */
	/* do not print "is back" before the connection has carried a confirm, a delivery or an
	 * answer */
	bool late;
	size_t moves;        /* how often the address was changed for a missing answer; starts
			      * anew after 5 min of calm */
	int64_t moved;       /* time of the last such change */
};

/* Initialises *l and does not connect. Call it once. */
void eg_connection_init(struct eg_connection *l, const struct eg_amqp_options *broker);

/* Connects to the next URL if that is due: opens the channel and calls setup, which may use RPCs
 * and returns as this function does. setup may leave an answer outstanding (eg_connection_expect);
 * "is back" is then printed when the answer comes. May block for some seconds. Returns 1:
 * connected; 0: not now (warned once, retry.due is set); -1 with *e: another attempt cannot
 * succeed. Call it only when conn is NULL. */
int eg_connection_open(struct eg_connection *l, int (*setup)(void *ctx, struct eg_error *e),
    void *ctx, struct eg_error *e);

/* Gets the next frame without waiting. Returns 1 with a frame in *f, 0 if there is none, -1 if
 * the connection is lost, also because an answer is missing; it is then closed, with a warning.
 * Handles connection.blocked itself. For connection.close, or channel.close on EG_CHANNEL, the
 * connection is lost, and *e is set if another attempt cannot succeed: check e->status. Frames
 * of other channels are returned. The memory of a frame is valid until eg_connection_release. */
int eg_connection_next(struct eg_connection *l, amqp_frame_t *f, struct eg_error *e);

/* Frees decoded frames. Call it only between complete messages. */
void eg_connection_release(struct eg_connection *l);

/* Closes the connection for a reason that may pass. Warns on the first of consecutive failures,
 * and sets retry.due. */
void eg_connection_lost(struct eg_connection *l, const char *fmt,
    ...) __attribute__((format(printf, 2, 3)));

/* Sets whether messages are unconfirmed (an answer is expected). If no answer arrives within
 * broker->answer_ms, the next address is tried; with a single address, a warning is printed
 * once. The limit is suspended while the broker has an alarm (connection.blocked). */
void eg_connection_expect(struct eg_connection *l, bool pending);

/* Corks the socket, or uncorks it (tcp(7), TCP_CORK): while it is corked, the kernel sends full
 * segments only, and a partial one after 200 ms. Uncork it before anything that may wait. Costs
 * nothing if it is so already. */
void eg_connection_cork(struct eg_connection *l, bool on);

/* The time since when the broker is unreachable or has left a message unanswered, on
 * eg_mono_ms's clock; 0: neither. */
int64_t eg_connection_away(const struct eg_connection *l);

/* Sends a heartbeat if half of the heartbeat interval has passed. Needed only while the owner
 * does not read, since reading sends heartbeats too. */
void eg_connection_beat(struct eg_connection *l);

/* Closes as eg_connection_close does, and selects another address for the next connection. An
 * address that gave no answer is skipped for 15 s, as long as the others answer. */
void eg_connection_leave(struct eg_connection *l);

/* Checks the reply to an RPC. Returns 0 for success, -1 for failure. If another attempt cannot
 * succeed, such as without permission, fills *e; otherwise fills text, for eg_connection_lost. */
int eg_connection_check(struct eg_connection *l, amqp_rpc_reply_t reply, char text[256],
    struct eg_error *e);

/* Fills *p for poll(2) with the events POLLIN | more (fd -1: not connected). Lowers *due to the
 * next deadline: heartbeat, dead peer, missing answer or retry. Pass the polled *p to
 * eg_connection_polled. */
void eg_connection_poll(const struct eg_connection *l, struct pollfd *p, short more, int64_t *due);
void eg_connection_polled(struct eg_connection *l, const struct pollfd *p);

/* Sends connection.close and waits up to 2 s for the reply. Does nothing when not connected. */
void eg_connection_close(struct eg_connection *l);

/* For connection.c, defined in connection_answer.c and connection_probe.c. */

/* Prints that the broker is back. */
void eg_connection_back(const struct eg_connection *l);

/* Notes that a frame of a channel has arrived. */
void eg_connection_progress(struct eg_connection *l);

/* Notes that the connection has carried a confirm, a delivery or an answer. */
void eg_connection_proved(struct eg_connection *l);

/* Whether an answer is late, so that the connection must be closed. */
bool eg_connection_silent(struct eg_connection *l);

/* When to call eg_connection_silent again; INT64_MAX: after the next frame. */
int64_t eg_connection_silence_due(const struct eg_connection *l);

/* Defined in connection_probe.c: */

/* Sends a test request if one is due; an answer is then expected. */
void eg_connection_probe(struct eg_connection *l, int64_t now);

/* When the next test request is due, on eg_mono_ms's clock; INT64_MAX: never. */
int64_t eg_connection_probe_due(const struct eg_connection *l);

/* Handles f if it belongs to the channel of the test requests. Returns whether it does. */
bool eg_connection_take_answer(struct eg_connection *l, const amqp_frame_t *f);

#endif
