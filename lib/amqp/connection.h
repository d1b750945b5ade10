/* SPDX-License-Identifier: MIT */
/* A connection to RabbitMQ with one channel; it reconnects after a loss. Includes
 * rabbitmq-c's amqp.h, so only files of lib/amqp include it. */
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

#define EG_CHANNEL 1 /* the channel of publisher and consumer */

/* Questions that are sent while no frame arrives (connection_question.c), on a channel of
 * their own. When the server refuses one, the next is used. */
enum eg_question { EG_QUESTION_UNBIND, EG_QUESTION_SUBSCRIBE, EG_QUESTION_NONE };
enum eg_question_channel { EG_CHANNEL_CLOSED, EG_CHANNEL_OPEN, EG_CHANNEL_CLOSING };

/* How the connection ended. */
enum eg_connection_end {
	EG_END_OTHER,
	EG_END_SILENT,  /* no answer in time */
	EG_END_REFUSED, /* the server refused something that it may accept later */
};

struct eg_connection {
	const struct eg_amqp_options *broker;
	amqp_connection_state_t conn; /* NULL: not connected */
	/* Times are of eg_mono_ms's clock. */
	size_t at;           /* index of the URL in use, or tried next */
	unsigned denied;     /* a bit for each address that answered: no such queue */
	enum eg_connection_end end;
	int64_t silence[EG_AMQP_URLS]; /* when that last happened to an address; 0: not */
	bool blocked;        /* the broker sent connection.blocked: do not publish */
	int64_t heard;       /* when bytes last arrived */
	int64_t heartbeat_ms;
	int64_t beat;        /* when eg_connection_beat last sent a heartbeat */
	long verdict;        /* OpenSSL's result for the server's certificate, 0: valid */
	struct eg_backoff retry;
	/* retry as it was before this connection: restored if the connection is lost before
	 * it has carried a confirm, a delivery or an answer. */
	struct eg_backoff before;
	/* when the connection was made; 0: it has carried a confirm, a delivery or an answer
	 * since */
	int64_t opened;
	int64_t away_ms;     /* how long the broker was away before it, -1: it was not */
	uint64_t reconnects;

	/* For connection_answer.c, which finds out whether the broker answers. */
	const char *ask_about; /* set by the owner: ask about this queue while no frame arrives
	                        * (NULL: do not ask) */
	enum eg_question question;
	enum eg_question_channel question_channel;
	int64_t answered;    /* when a frame of a channel last arrived */
	int64_t owed;        /* since when an answer is overdue from the broker; 0: none is expected */
	bool warned;         /* the missing answer was warned of, with a single address */
	/* print "is back" for the next connection only when it has carried a confirm, a delivery
	 * or an answer */
	bool late;
	size_t moves;        /* changes of address because no answer came, less than 5 min apart */
	int64_t moved;       /* time of the last change */
};

/* Call once; does not connect. */
void eg_connection_init(struct eg_connection *l, const struct eg_amqp_options *broker);

/* Connects to the next URL when that is due: opens the channel and runs setup (which may use
 * RPCs, and returns what this does; with eg_connection_owes it leaves an answer owed, and the
 * broker is back when that has come). May block for some seconds. 1: connected; 0: not now
 * (warned once; retry.due is set); -1 with *e: trying again cannot help. Call when conn is NULL. */
int eg_connection_open(struct eg_connection *l, int (*setup)(void *ctx, struct eg_error *e), void *ctx,
    struct eg_error *e);

/* The next frame, without waiting: 1, 0 when there is none, -1 when the connection is
 * lost (it is closed then, and warned of), also for want of an answer. Serves
 * connection.blocked itself, and connection.close and channel.close of EG_CHANNEL as a loss,
 * or as *e when they are final: check e->status. Frames of other channels are the owner's.
 * What the frame points to lives until eg_connection_release. */
int eg_connection_next(struct eg_connection *l, amqp_frame_t *f, struct eg_error *e);

/* Frees decoded frames. Call it between complete messages only. */
void eg_connection_release(struct eg_connection *l);

/* Drops the connection for a reason that a retry may solve. Warns on the first of
 * consecutive failures, and sets retry.due. */
void eg_connection_lost(struct eg_connection *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Tells the connection whether messages are unconfirmed. If no answer arrives within
 * broker->answer_ms, the next address is tried; with a single address a warning is printed once.
 * An alarm (connection.blocked) suspends this. */
void eg_connection_owes(struct eg_connection *l, bool owes);

/* Time since which the broker is unreachable or has left a message unanswered, on
 * eg_mono_ms's clock; 0: neither. */
int64_t eg_connection_away(const struct eg_connection *l);

/* Sends a heartbeat when half of the heartbeat interval has passed. Only for an owner that
 * does not read for a while: reading sends heartbeats too. */
void eg_connection_beat(struct eg_connection *l);

/* Closes as eg_connection_close does, and selects the next address for the next connection.
 * An address that gave no answer is left out for 15 s, as long as the others give one. */
void eg_connection_leave(struct eg_connection *l);

/* Checks the reply to an RPC. 0: success; -1: failure. For an error that a retry cannot
 * solve, such as no permission, it fills *e; for any other it fills text, for
 * eg_connection_lost. */
int eg_connection_check(struct eg_connection *l, amqp_rpc_reply_t reply, char text[256], struct eg_error *e);

/* Fills *p for poll(2) with the events POLLIN | more (fd -1: not connected). Lowers *due to
 * the next deadline: heartbeat, dead peer, answer or retry. Call eg_connection_polled with
 * *p after poll(2). */
void eg_connection_poll(const struct eg_connection *l, struct pollfd *p, short more, int64_t *due);
void eg_connection_polled(struct eg_connection *l, const struct pollfd *p);

/* Sends connection.close and waits up to 2 s for the reply. Does nothing when not connected. */
void eg_connection_close(struct eg_connection *l);

/* The rest is in connection_answer.c and connection_question.c, for connection.c. */

/* Prints that the broker is back. */
void eg_connection_back(const struct eg_connection *l);

/* A frame of a channel has arrived. */
void eg_connection_progress(struct eg_connection *l);

/* The connection has carried a confirm, a delivery or an answer. */
void eg_connection_proved(struct eg_connection *l);

/* Returns whether an answer is late and the connection has to end. */
bool eg_connection_silent(struct eg_connection *l);

/* When eg_connection_silent has to be called again; INT64_MAX: on the next frame. */
int64_t eg_connection_silence_due(const struct eg_connection *l);

/* In connection_question.c: */

/* Sends a question when it is due, and notes that an answer is owed. */
void eg_connection_ask(struct eg_connection *l, int64_t now);

/* When the next question is due, on eg_mono_ms's clock; INT64_MAX: none is asked. */
int64_t eg_connection_ask_due(const struct eg_connection *l);

/* Handles f if it is of the questions' channel; returns whether it is. */
bool eg_connection_take_answer(struct eg_connection *l, const amqp_frame_t *f);

#endif
