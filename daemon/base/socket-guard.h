/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

/*
 * Keeps whoever may write to a local socket from holding up the thread that reads or closes it.
 *
 * Beside his bytes he can pass a TCP socket with SO_LINGER and unsent data. Whoever discards it
 * last, be it recv() without room for it, close() after a look, or close() of the connection whose
 * queue still holds it, waits in the kernel for as long as the linger says; O_NONBLOCK is about
 * something else, and refusing descriptors (SO_PASSRIGHTS) is for Linux 6.16 and later alone.
 *
 * That wait ends at a signal, and one that is pending ends all others of the same system call. So
 * each guarded call has a timer of this thread's beside it, which signals (SIGURG: nobody's else,
 * and ignored where it is nobody's) again and again until the call is over: one signal could come
 * before the wait begins. It costs two system calls, which set and clear the timer; what is
 * discarded goes on by itself as after a close() without a linger.
 *
 * Only for calls that do not block otherwise. Whatever such a call says of EINTR means "again".
 * For the programs' own threads, never in a library that others load: it takes SIGURG.
 */

#include "daemon/base/err.h"

/* Evaluates @call, which receives from a stranger's connection or lets go of what came from it,
 * under the guard; its value. Guards do not nest. */
#define SOCKET_GUARDED(call)                                                                       \
	({                                                                                         \
		socket_guard_begin();                                                              \
		__typeof__(call) guarded_ = (call);                                                \
		socket_guard_end();                                                                \
		guarded_;                                                                          \
	})

/* The same by hand. Where the kernel has no timer to give the call goes unguarded: logged once a
 * thread. */
void socket_guard_begin(void);
/* No signal comes after it; errno is kept. */
void socket_guard_end(void);
/* close() of a stranger's connection, or of a socket where such wait to be accepted. Negative
 * values are left alone, errno is kept. */
void socket_guard_close(int fd);
/* Has the kernel refuse descriptors to whoever sends some over what is accepted from @listening,
 * where it knows how to: for sockets whose peers have none to send. */
void socket_guard_refuse_descriptors(int listening);
