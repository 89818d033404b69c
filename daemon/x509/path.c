/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/x509/path.h"
#include "daemon/x509/path-internal.h"
#include <openssl/err.h>
#include <openssl/x509_vfy.h>

/* Of a signature: MD5 has 39, SHA-1 63. */
#define SECURITY_BITS_LEAST 60

void x509_path_done(struct x509_path *path)
{
	for (size_t i = 0; i < path->n; i++) {
		struct x509_path_item *item = &path->items[i];

		bytes_done(&item->whole);
		bytes_done(&item->subject);
		bytes_done(&item->issuer);
		bytes_done(&item->serial);
	}
	*path = (struct x509_path){};
}

/* What OpenSSL works with. */
struct walk {
	X509_STORE *store;
	X509_STORE_CTX *context;
	STACK_OF(X509) * others;
	STACK_OF(X509_CRL) * crls;
};

static void walk_done(struct walk *walk)
{
	X509_STORE_CTX_free(walk->context);
	X509_STORE_free(walk->store);
	sk_X509_pop_free(walk->others, X509_free);
	sk_X509_CRL_pop_free(walk->crls, X509_CRL_free);
	ERR_clear_error();
}

/* What can't be read is left out: it helps nobody. */
static int add_others(struct walk *walk, const struct x509_path_question *question)
{
	for (size_t i = 0; i < question->n_others; i++) {
		X509 *one = path_certificate_read(question->others[i]);

		if (one && !sk_X509_push(walk->others, one)) {
			X509_free(one);
			return -ENOMEM;
		}
	}
	return 0;
}

static int add_anchors(struct walk *walk, const struct x509_path_question *question)
{
	for (size_t i = 0; i < question->n_anchors; i++) {
		_cleanup_(path_certificate_freep) X509 *one =
			path_certificate_read(question->anchors[i]);

		if (one && X509_STORE_add_cert(walk->store, one) != 1)
			return -ENOMEM;
	}
	return 0;
}

static int walk_init(struct walk *walk, const struct x509_path_question *question)
{
	int r;

	walk->store = X509_STORE_new();
	walk->context = X509_STORE_CTX_new();
	walk->others = sk_X509_new_null();
	walk->crls = sk_X509_CRL_new_null();
	if (!walk->store || !walk->context || !walk->others || !walk->crls)
		return -ENOMEM;
	r = add_anchors(walk, question);
	return r < 0 ? r : add_others(walk, question);
}

/* The path as far as OpenSSL came; at least the certificate itself. */
static int take_path(const struct walk *walk, X509 *certificate, struct x509_path *ret)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(walk->context);
	int n = chain ? sk_X509_num(chain) : 0, r = 0;

	if (n < 1)
		return ret->n = 1, path_item_copy(certificate, &ret->items[0]);
	for (int i = 0; i < n && i < X509_PATH_MAX && r >= 0; i++)
		r = path_item_copy(sk_X509_value(chain, i), &ret->items[ret->n++]);
	return r;
}

/* OpenSSL believes in MD5 where no level is set, and in no SHA-1 where one is. */
static bool is_weak(const struct walk *walk, size_t *ret_at)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(walk->context);

	for (int i = 0; i + 1 < sk_X509_num(chain); i++) {
		int bits = 0;

		if (X509_get_signature_info(sk_X509_value(chain, i), NULL, NULL, &bits, NULL) ==
			    1 &&
		    bits >= SECURITY_BITS_LEAST)
			continue;
		*ret_at = (size_t)i;
		return true;
	}
	return false;
}

static int judge(const struct walk *walk, int good, struct x509_path_fault *ret_fault)
{
	const struct path_rule *fault = path_rule_find(X509_STORE_CTX_get_error(walk->context));
	int depth = X509_STORE_CTX_get_error_depth(walk->context);

	if (good == 1 && !is_weak(walk, &ret_fault->at))
		return 0;
	if (good == 1) {
		ret_fault->rule = "RFC 6151 §2";
		ret_fault->text = "it is signed by an algorithm that is broken";
		return X509_PATH_REFUSED;
	}
	*ret_fault = (struct x509_path_fault){
		.at = depth > 0 ? (size_t)depth : 0, .rule = fault->rule, .text = fault->text};
	return (int)fault->outcome;
}

static int look(struct walk *walk, const struct x509_path_question *question, X509 *certificate,
		struct x509_path *ret_path, struct x509_path_fault *ret_fault)
{
	unsigned long flags = X509_V_FLAG_PARTIAL_CHAIN;
	int r, outcome;

	if (X509_STORE_CTX_init(walk->context, walk->store, certificate, walk->others) != 1)
		return -ENOMEM;
	if (question->crl.size) {
		X509_STORE_CTX_set0_crls(walk->context, walk->crls);
		flags |= X509_V_FLAG_CRL_CHECK;
	}
	X509_STORE_CTX_set_flags(walk->context, flags);
	X509_STORE_CTX_set_depth(walk->context, X509_PATH_MAX - 2);
	X509_STORE_CTX_set_time(walk->context, 0, (time_t)question->now_s);
	outcome = judge(walk, X509_verify_cert(walk->context), ret_fault);
	r = take_path(walk, certificate, ret_path);
	if (r < 0) {
		x509_path_done(ret_path);
		return r;
	}
	if (ret_fault->at >= ret_path->n)
		ret_fault->at = ret_path->n - 1;
	return outcome;
}

/* Without nextUpdate OpenSSL takes a CRL for ever. */
static int add_crl(struct walk *walk, const struct x509_path_question *question,
		   struct x509_path_fault *ret_fault)
{
	X509_CRL *crl = path_crl_read(question->crl);

	if (!crl || !X509_CRL_get0_nextUpdate(crl)) {
		*ret_fault = (struct x509_path_fault){
			.rule = crl ? "RFC 5280 §5.1.2.5" : "RFC 5280 §5.1",
			.text = crl ? "the CRL does not tell when it ends" : "that is no CRL"};
		X509_CRL_free(crl);
		return X509_PATH_CRL;
	}
	if (sk_X509_CRL_push(walk->crls, crl))
		return 0;
	X509_CRL_free(crl);
	return -ENOMEM;
}

int x509_path_find(const struct x509_path_question *question, struct x509_path *ret_path,
		   struct x509_path_fault *ret_fault)
{
	_cleanup_(walk_done) struct walk walk = {};
	_cleanup_(path_certificate_freep) X509 *certificate =
		path_certificate_read(question->certificate);
	int r;

	*ret_path = (struct x509_path){};
	*ret_fault = (struct x509_path_fault){};
	if (!certificate)
		return -EBADMSG;
	r = walk_init(&walk, question);
	if (r >= 0 && question->crl.size)
		r = add_crl(&walk, question, ret_fault);
	if (r < 0)
		return r;
	if (r > 0) {
		ret_path->n = 1;
		r = path_item_copy(certificate, &ret_path->items[0]);
		return r < 0 ? x509_path_done(ret_path), r : X509_PATH_CRL;
	}
	return look(&walk, question, certificate, ret_path, ret_fault);
}
