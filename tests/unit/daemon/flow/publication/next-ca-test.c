/* SPDX-License-Identifier: Apache-2.0 */
/* What GetNextCACert gives out, read and verified by OpenSSL. */
#include "tests/unit/daemon/flow/shadow.h"

/* What public/CA/nextcacert holds; nothing where there is none. */
static struct bytes published(void)
{
	_cleanup_(freep) char *path = NULL;
	struct bytes content = {};

	assert_true(text_format(&path, "%s/CA/nextcacert", world.flow->public_directory) >= 0);
	if (!access(path, F_OK))
		assert_int_equal(file_read(path, 1 << 20, &content), 0);
	return content;
}

/* Verified against the certificate of the CA that is active and no other, which comes along. */
static struct bytes verify(struct span message)
{
	CMS_ContentInfo *cms = cms_of(message);
	BIO *content = BIO_new(BIO_s_mem());
	X509_STORE *trusted = X509_STORE_new();
	STACK_OF(X509) *enclosed = CMS_get1_certs(cms);
	X509_VERIFY_PARAM *param = X509_STORE_get0_param(trusted);

	X509_VERIFY_PARAM_set_time(param, (time_t)world.now_s);
	X509_VERIFY_PARAM_set_purpose(param, X509_PURPOSE_ANY);
	X509_STORE_add_cert(trusted, world.certificate);
	assert_int_equal(sk_X509_num(enclosed), 1);
	assert_int_equal(CMS_verify(cms, NULL, trusted, NULL, content, CMS_BINARY), 1);
	assert_int_equal(
		CMS_get0_SignerInfos(cms) ? sk_CMS_SignerInfo_num(CMS_get0_SignerInfos(cms)) : 0,
		1);
	sk_X509_pop_free(enclosed, X509_free);
	X509_STORE_free(trusted);
	CMS_ContentInfo_free(cms);
	return bytes_of_bio(content);
}

static void the_shadow_signed_by_the_active_one(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {}, inner = {};
	struct heard heard = {};

	(void)state;
	world_open("", "");
	shadow_make();
	message = published();
	assert_int_equal(message.size, 0);
	shadow_offer();
	message = published();
	inner = verify(span_of(message));
	read_certificates(span_of(inner), &heard);
	assert_int_equal(heard.n_certificates, 1);
	assert_int_equal(heard.n_crls, 0);
	assert_same(span_of(heard.leaf),
		    span_of(world.authority->shared->generations->records[1].certificate));
	heard_done(&heard);
	shadow_done();
	world_close();
}

/* As old clients read it: PKCS#7, whose content is the octets of another (RFC 2315). */
static void readable_as_pkcs7(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {}, plain = {};
	BIO *content = BIO_new(BIO_s_mem());
	const uint8_t *next;
	PKCS7 *outer, *inner;

	(void)state;
	world_open("", "");
	shadow_make();
	shadow_offer();
	message = published();
	next = message.data;
	outer = d2i_PKCS7(NULL, &next, (long)message.size);
	assert_non_null(outer);
	assert_int_equal(PKCS7_verify(outer, NULL, NULL, NULL, content, PKCS7_NOVERIFY), 1);
	plain = bytes_of_bio(content);
	next = plain.data;
	inner = d2i_PKCS7(NULL, &next, (long)plain.size);
	assert_non_null(inner);
	assert_true(PKCS7_type_is_signed(inner));
	assert_int_equal(sk_X509_num(inner->d.sign->cert), 1);
	assert_int_equal(X509_cmp(sk_X509_value(inner->d.sign->cert, 0), shadow.certificate), 0);
	PKCS7_free(inner);
	PKCS7_free(outer);
	shadow_done();
	world_close();
}

static void none_without_a_shadow_and_after_it_took_over(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {}, after = {};

	(void)state;
	world_open("", "");
	assert_int_equal(flow_next_ca_sign(world.flow, world.authority,
					   world.authority->shared->generations, world.now_s,
					   &message),
			 FLOW_REFUSED);
	shadow_make();
	shadow_offer();
	world.now_s = TAKES_OVER;
	assert_int_equal(flow_next_ca_sign(world.flow, world.authority,
					   world.authority->shared->generations, world.now_s,
					   &message),
			 FLOW_REFUSED);
	/* Though the change-over is not recorded yet. */
	assert_int_equal(flow_publish(world.flow, world.authority, world.now_s), 0);
	after = published();
	assert_int_equal(after.size, 0);
	shadow_done();
	world_close();
}

static void later_without_the_token(void **state)
{
	_cleanup_(bytes_done) struct bytes message = {};
	struct generation *active;

	(void)state;
	world_open("", "");
	shadow_make();
	active = &world.authority->shared->generations->items[0];
	active->key = key_unref(active->key);
	assert_int_equal(flow_next_ca_sign(world.flow, world.authority,
					   world.authority->shared->generations, world.now_s,
					   &message),
			 FLOW_LATER);
	shadow_done();
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_shadow_signed_by_the_active_one),
		cmocka_unit_test(readable_as_pkcs7),
		cmocka_unit_test(none_without_a_shadow_and_after_it_took_over),
		cmocka_unit_test(later_without_the_token),
	};

	return cmocka_run_group_tests(tests, world_begin, world_end);
}
