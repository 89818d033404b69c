/* SPDX-License-Identifier: Apache-2.0 */
/*
 * As little of a TLS 1.3 server as libssl allows, so that what a handshake costs is seen: so many
 * threads, each with one connection at a time, a word as the answer to whatever is asked. It loads
 * its key by the file's name and by OPENSSL_CONF, as a web server would, and knows of no provider.
 */
#include "tests/bench/must.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define THREADS_MAX 256
#define BACKLOG	    1024

struct server {
	SSL_CTX *context;
	int listener;
};

static SSL_CTX *load(const char *chain, const char *key)
{
	SSL_CTX *context = SSL_CTX_new(TLS_server_method());

	if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) ||
	    !SSL_CTX_set_num_tickets(context, 0) ||
	    !SSL_CTX_use_certificate_chain_file(context, chain) ||
	    !SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) ||
	    !SSL_CTX_check_private_key(context)) {
		ERR_print_errors_fp(stderr);
		exit(1);
	}
	return context;
}

static int listen_at(unsigned port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	MUST(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0);
	MUST(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
	MUST(listen(fd, BACKLOG) == 0);
	return fd;
}

static void serve(SSL *ssl, int fd)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\n\r\nok\n";
	char question[1024];

	MUST(SSL_set_fd(ssl, fd));
	if (SSL_accept(ssl) != 1 || SSL_read(ssl, question, sizeof(question)) <= 0 ||
	    SSL_write(ssl, answer, sizeof(answer) - 1) <= 0)
		ERR_print_errors_fp(stderr);
	else
		(void)SSL_shutdown(ssl);
	ERR_clear_error();
}

static void *run(void *argument)
{
	const struct server *server = argument;

	for (;;) {
		int fd = accept(server->listener, NULL, NULL), on = 1;
		SSL *ssl;

		if (fd < 0)
			continue;
		MUST(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) == 0);
		ssl = SSL_new(server->context);
		MUST(ssl);
		serve(ssl, fd);
		SSL_free(ssl);
		(void)close(fd);
	}
	return NULL;
}

/* bench-tls-server PORT CHAIN KEY THREADS, until SIGTERM; says "ready" when it listens. */
int main(int argc, char **argv)
{
	struct server server;
	sigset_t end;
	int which;

	MUST(argc == 5 && strtoul(argv[4], NULL, 10) <= THREADS_MAX);
	MUST(sigemptyset(&end) == 0 && sigaddset(&end, SIGTERM) == 0);
	MUST(pthread_sigmask(SIG_BLOCK, &end, NULL) == 0 && signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	server.context = load(argv[2], argv[3]);
	server.listener = listen_at((unsigned)strtoul(argv[1], NULL, 10));
	for (unsigned long i = strtoul(argv[4], NULL, 10); i > 0; i--) {
		pthread_t thread;

		MUST(pthread_create(&thread, NULL, run, &server) == 0);
	}
	(void)printf("ready\n");
	(void)fflush(stdout);
	MUST(sigwait(&end, &which) == 0);
	/* The threads work with what would be freed. */
	_exit(0);
}
