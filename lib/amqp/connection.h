/* SPDX-License-Identifier: MIT */
/* A connection to RabbitMQ with one channel, made again when it is lost. Includes
 * rabbitmq-c's amqp.h, so only files of lib/amqp include it. */
#ifndef EG_CONNECTION_H
#define EG_CONNECTION_H

#if __has_include(<rabbitmq-c/amqp.h>) /* 0.12 and later */
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

#define EG_CHANNEL 1 /* of publisher and consumer */

/* The state of the question that is sent while no frame arrives (ask_about): its channel
 * is not open, is open, or was closed by the server, which refused the question. */
enum eg_question { EG_QUESTION_NONE, EG_QUESTION_OPEN, EG_QUESTION_REFUSED };

struct eg_connection {
	const struct eg_amqp_options *broker;
	amqp_connection_state_t conn; /* NULL: not connected */
	/* Times are of eg_mono_ms's clock. */
	size_t at;           /* index of the URL in use, or tried next */
	size_t denied;       /* addresses in a row that answered: no such queue */
	bool blocked;        /* the broker sent connection.blocked: do not publish */
	int64_t heard;       /* when bytes last arrived */
	int64_t heartbeat_ms;
	int64_t beat;        /* when eg_connection_beat last sent a heartbeat */
	long verdict;        /* OpenSSL's result for the server's certificate, 0: valid */
	struct eg_backoff retry;
	/* retry as it was before this connection: restored if the connection is lost before
	 * it has carried a confirm, a delivery or an answer. */
	struct eg_backoff before;
	int64_t opened;      /* when the connection was made; 0: it has carried one of these */
	int64_t away_ms;     /* how long the broker was away before it, -1: it was not */
	uint64_t reconnects;

	/* Whether the broker answers: connection_answer.c. */
	const char *ask_about; /* set by the owner: ask about this queue while no frame arrives
	                        * (NULL: do not ask) */
	enum eg_question question;
	int64_t answered;    /* when a frame of a channel last arrived */
	int64_t owed;        /* since when an answer is owed and none has arrived, 0: none is owed */
	bool warned;         /* of a missing answer, with one address */
	bool late;           /* announce the next connection when it has carried something */
	size_t moves;        /* changes of address for want of an answer, at most 5 min apart */
	int64_t moved;       /* when the last one was */
};

/* Call once; does not connect. */
void eg_connection_init(struct eg_connection *l, const struct eg_amqp_options *broker);

/* Connects to the next URL when that is due: opens the channel and runs setup (which
 * may use RPCs, and returns what this does). May block for some seconds.
 * 1: connected; 0: not now (warned once; retry.due is set); -1: no sense in trying
 * again (*e). Call when conn is NULL. */
int eg_connection_open(struct eg_connection *l, int (*setup)(void *ctx, struct eg_error *e), void *ctx,
    struct eg_error *e);

/* The next frame, without waiting: 1, 0 when there is none, -1 when the connection is
 * lost (it is closed then, and warned of), also for want of an answer. Serves
 * connection.blocked itself, and connection.close and channel.close as a loss, or as *e
 * when they are final: check e->status. What the frame points to lives until
 * eg_connection_release. */
int eg_connection_next(struct eg_connection *l, amqp_frame_t *f, struct eg_error *e);

/* Frees decoded frames; only between complete messages. */
void eg_connection_release(struct eg_connection *l);

/* Gives the connection up for a reason that is worth a retry: warns (once in a row of
 * failures) and sets retry.due. */
void eg_connection_lost(struct eg_connection *l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Notes whether messages wait for the broker's confirm. If no answer arrives for
 * broker->answer_ms, the connection ends when there is another address; with one address
 * a warning is printed once. An alarm (connection.blocked) suspends this. */
void eg_connection_owes(struct eg_connection *l, bool owes);

/* Since when the broker is away, or owes an answer, on eg_mono_ms's clock; 0: neither. */
int64_t eg_connection_away(const struct eg_connection *l);

/* Sends a heartbeat when half of its interval is over: for an owner that does not read
 * for a while. Reading sends them by itself. */
void eg_connection_beat(struct eg_connection *l);

/* Closes in order; the next address is tried next. */
void eg_connection_leave(struct eg_connection *l);

/* An RPC's outcome: 0 fine; -1 otherwise, and final troubles (a server's exception
 * that only somebody can mend) are in *e, the others in text for eg_connection_lost. */
int eg_connection_check(struct eg_connection *l, amqp_rpc_reply_t reply, char text[256], struct eg_error *e);

/* The pollfd of the connection (fd -1: none), events POLLIN | more; lowers *due to
 * the next heartbeat, dead-peer, answer or retry deadline. eg_connection_polled notes
 * the answer. */
void eg_connection_poll(const struct eg_connection *l, struct pollfd *p, short more, int64_t *due);
void eg_connection_polled(struct eg_connection *l, const struct pollfd *p);

/* Closes in order (waits 2 s at most), or at once when not connected. */
void eg_connection_close(struct eg_connection *l);

/* Of connection_answer.c, for connection.c only. */

/* Prints that the broker is back. */
void eg_connection_back(const struct eg_connection *l);

/* A frame of a channel has arrived. */
void eg_connection_progress(struct eg_connection *l);

/* The connection has carried a confirm, a delivery or an answer. */
void eg_connection_proved(struct eg_connection *l);

/* Handles f if it is a reply to the question; returns whether it is. */
bool eg_connection_take_answer(struct eg_connection *l, const amqp_frame_t *f);

/* Sends the question when it is due. Returns whether an answer is late and the connection
 * has to end. */
bool eg_connection_silent(struct eg_connection *l);

/* When eg_connection_silent has to be called again; INT64_MAX: on the next frame. */
int64_t eg_connection_silence_due(const struct eg_connection *l);

#endif
