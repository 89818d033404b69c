/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Full TLS 1.3 handshakes, none resumed, one after the other by each of so many clients, and a
 * short question after each: its answer shows that the server has the handshake's end, too. Whether
 * the server shows this certificate and signs by its key, with RSA-PSS, is judged each time. Prints
 * one line of JSON.
 */
#include "tests/bench/must.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define CLIENTS_MAX 256
#define PATIENCE_S  60 /* for each answer of the server; reached only where something is wrong */

struct load {
	unsigned port, n;
	SSL_CTX *context;
	X509 *wanted;
	atomic_uint next, good;
	_Atomic(const char *) complaint; /* one of them */
	uint64_t *latencies_ns;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	MUST(clock_gettime(CLOCK_MONOTONIC, &now) == 0);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static double cpu_s(void)
{
	struct rusage usage;

	MUST(getrusage(RUSAGE_SELF, &usage) == 0);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
	       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static void prepare(struct load *load, const char *certificate)
{
	FILE *file = fopen(certificate, "re");

	MUST(file);
	load->wanted = PEM_read_X509(file, NULL, NULL, NULL);
	MUST(load->wanted && fclose(file) == 0);
	load->context = SSL_CTX_new(TLS_client_method());
	MUST(load->context);
	MUST(SSL_CTX_set_min_proto_version(load->context, TLS1_3_VERSION));
	MUST(SSL_CTX_set1_groups_list(load->context, "X25519"));
	(void)SSL_CTX_set_session_cache_mode(load->context, SSL_SESS_CACHE_OFF);
	load->latencies_ns = calloc(load->n + 1, sizeof(*load->latencies_ns));
	MUST(load->latencies_ns);
}

static int dial(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	struct timeval patience = {.tv_sec = PATIENCE_S};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(fd >= 0);
	MUST(setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) == 0);
	MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	(void)close(fd);
	return -1;
}

/* libssl has verified by then that this certificate's key signed this handshake. */
static const char *judge(const struct load *load, SSL *ssl)
{
	X509 *shown = SSL_get0_peer_certificate(ssl);
	int kind = NID_undef;

	if (SSL_session_reused(ssl))
		return "it was resumed";
	if (!shown || X509_cmp(shown, load->wanted) != 0)
		return "another certificate";
	if (!SSL_get_peer_signature_type_nid(ssl, &kind) || kind != EVP_PKEY_RSA_PSS)
		return "not signed with RSA-PSS";
	return NULL;
}

static const char *ask(SSL *ssl)
{
	static const char question[] = "GET / HTTP/1.0\r\n\r\n";
	char answer[1024];
	bool answered = false;

	if (SSL_write(ssl, question, sizeof(question) - 1) <= 0)
		return "it takes no question";
	while (SSL_read(ssl, answer, sizeof(answer)) > 0)
		answered = true;
	return answered ? NULL : "no answer";
}

static const char *shake_hands(struct load *load)
{
	int fd = dial(load->port);
	SSL *ssl = SSL_new(load->context);
	const char *complaint = "no connection";

	MUST(ssl);
	if (fd >= 0) {
		MUST(SSL_set_fd(ssl, fd));
		complaint = SSL_connect(ssl) == 1 ? judge(load, ssl) : "no handshake";
		if (!complaint)
			complaint = ask(ssl);
		(void)close(fd);
	}
	SSL_free(ssl);
	ERR_clear_error();
	return complaint;
}

static void *run_client(void *argument)
{
	struct load *load = argument;

	while (atomic_fetch_add(&load->next, 1) < load->n) {
		uint64_t start_ns = now_ns();
		const char *complaint = shake_hands(load);

		if (complaint)
			atomic_store(&load->complaint, complaint);
		else
			load->latencies_ns[atomic_fetch_add(&load->good, 1)] = now_ns() - start_ns;
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* What so many of a hundred took at most. */
static double quantile_us(const struct load *load, unsigned percent)
{
	size_t good = atomic_load(&load->good), place = good * percent / 100;

	return good ? (double)load->latencies_ns[place] / 1e3 : 0;
}

static void measure(struct load *load, unsigned n_clients)
{
	pthread_t clients[CLIENTS_MAX];
	uint64_t start_ns = now_ns(), time_ns;
	const char *complaint;
	unsigned good;

	for (unsigned i = 0; i < n_clients; i++)
		MUST(pthread_create(&clients[i], NULL, run_client, load) == 0);
	for (unsigned i = 0; i < n_clients; i++)
		MUST(pthread_join(clients[i], NULL) == 0);
	time_ns = now_ns() - start_ns;
	good = atomic_load(&load->good);
	complaint = atomic_load(&load->complaint);
	qsort(load->latencies_ns, good, sizeof(*load->latencies_ns), compare);
	(void)printf("{\"clients\": %u, \"handshakes\": %u, \"good\": %u, \"failed\": %u, "
		     "\"seconds\": %.6f, \"load_cpu_seconds\": %.6f, ",
		     n_clients, load->n, good, load->n - good, (double)time_ns / 1e9, cpu_s());
	(void)printf("\"p50_us\": %.1f, \"p99_us\": %.1f, \"complaint\": \"%s\"}\n",
		     quantile_us(load, 50), quantile_us(load, 99), complaint ? complaint : "");
}

/* bench-tls-load PORT CERTIFICATE CLIENTS HANDSHAKES, of 127.0.0.1. */
int main(int argc, char **argv)
{
	struct load load = {0};
	unsigned n_clients;

	MUST(argc == 5);
	MUST(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	load.port = (unsigned)strtoul(argv[1], NULL, 10);
	load.n = (unsigned)strtoul(argv[4], NULL, 10);
	n_clients = (unsigned)strtoul(argv[3], NULL, 10);
	MUST(n_clients >= 1 && n_clients <= CLIENTS_MAX);
	prepare(&load, argv[2]);
	measure(&load, n_clients);
	free(load.latencies_ns);
	X509_free(load.wanted);
	SSL_CTX_free(load.context);
	return 0;
}
