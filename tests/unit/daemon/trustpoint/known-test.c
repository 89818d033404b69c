/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/trustpoint/known.h"
#include "tests/unit/daemon/trustpoint/certificates.h"

static enum trustpoint_known recognize(const struct known *known, const struct bytes *all, size_t n,
				       int64_t at_s, struct trustpoint_ca *ret)
{
	struct span spans[SCEP_CERTIFICATES_MAX];

	for (size_t i = 0; i < n; i++)
		spans[i] = span_of(all[i]);
	return trustpoint_ca_recognize(&known->state, spans, n, at_s, ret);
}

static void a_ca_is_known_by_its_certificate_alone(void **state)
{
	const struct bytes same[] = {made.root, made.ra_opens, made.ca};
	const struct bytes fresh[] = {made.ra_signs, made.forged, made.ca, made.root};
	const struct bytes strange[] = {made.stranger, made.ra_opens};
	const struct bytes cut = {made.ca.data, made.ca.size - 1};
	struct trustpoint_ca ca = {};
	struct known known;

	(void)state;
	know(&known);
	assert_int_equal(recognize(&known, same, 3, NOW, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_int_equal(recognize(&known, fresh, 4, NOW, &ca), TRUSTPOINT_KNOWN_REFRESHED);
	assert_int_equal(ca.n_others, 2);
	assert_true(is(ca.others[0], made.ra_signs));
	assert_int_equal(recognize(&known, &made.next, 1, NOW, &ca), TRUSTPOINT_KNOWN_NEXT);
	assert_int_equal(recognize(&known, &made.next, 1, END, &ca), TRUSTPOINT_KNOWN_SAME);
	ca = (struct trustpoint_ca){};
	assert_int_equal(recognize(&known, strange, 2, NOW, &ca), TRUSTPOINT_KNOWN_STRANGER);
	assert_int_equal(recognize(&known, &made.root, 1, NOW, &ca), TRUSTPOINT_KNOWN_STRANGER);
	assert_int_equal(recognize(&known, strange, 0, NOW, &ca), TRUSTPOINT_KNOWN_NOTHING);
	assert_int_equal(recognize(&known, &made.forged, 1, NOW, &ca), TRUSTPOINT_KNOWN_NOTHING);
	assert_int_equal(recognize(&known, &cut, 1, NOW, &ca), TRUSTPOINT_KNOWN_NOTHING);
	assert_int_equal(ca.certificate.size, 0);
	bytes_done(&known.anchors[0].others);
}

/* He holds what the CA gives to everybody, and GetCACert is signed by nobody. */
static void a_router_on_the_way_is_no_ra(void **state)
{
	const struct bytes beside[] = {made.router, made.ra_opens, made.ca, made.root};
	const struct bytes instead[] = {made.router, made.ca, made.root};
	struct trustpoint_ca ca = {};
	struct known known;

	(void)state;
	know(&known);
	assert_int_equal(recognize(&known, beside, 4, NOW, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_true(is(trustpoint_ca_recipient(&ca), made.ra_opens));
	assert_int_equal(recognize(&known, instead, 3, NOW, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_true(is(trustpoint_ca_recipient(&ca), made.ra_opens));
	bytes_done(&known.anchors[0].others);
	known.anchors[0].others = (struct bytes){};
	assert_int_equal(recognize(&known, &made.ca, 1, NOW, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_int_equal(recognize(&known, instead, 2, NOW, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_true(is(trustpoint_ca_recipient(&ca), made.ca));
}

/* The CA of key 5 follows, as the one of key 1 said; its RA's certificate comes once it is there.
 */
static void an_ra_is_known_over_a_succession(void **state)
{
	const uint16_t both = X509_DIGITAL_SIGNATURE | X509_KEY_ENCIPHERMENT;
	struct bytes after[] = {
		make((struct plan){"CN=router,OU=ioscs RA", "CN=root", 4, 5, false, both, END,
				   2 * END}),
		make((struct plan){"CN=ra", "CN=root", 3, 5, false, both, END, 2 * END}),
		made.next,
		/* Of the name, but not the CA's: by itself, and by the CA before. */
		made.forged,
		make((struct plan){"CN=ra", "CN=ca", 4, 1, false, both, END, 2 * END}),
	};
	struct trustpoint_ca next = {.certificate = span_of(made.next)}, ca = {};
	struct ca_anchor_record *anchor;
	struct known known;

	(void)state;
	know(&known);
	anchor = &known.anchors[1];
	/* Without the word of the one before nobody is known. */
	assert_int_equal(recognize(&known, after, 5, END, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_int_equal(ca.n_others, 0);
	trustpoint_ca_hand_on(&known.anchors[0], &next);
	assert_int_equal(next.n_others, 1);
	assert_int_equal(trustpoint_ca_join_others(&next, &anchor->others), 0);
	/* What the CA before certified is nobody's recipient under the next, in force or not. */
	trustpoint_ca_recall(anchor, END - DAY, &ca);
	assert_true(is(trustpoint_ca_recipient(&ca), made.next));
	assert_int_equal(recognize(&known, &after[2], 3, END, &ca), TRUSTPOINT_KNOWN_SAME);
	assert_true(is(ca.others[0], made.ra_opens));

	assert_int_equal(recognize(&known, after, 5, END, &ca), TRUSTPOINT_KNOWN_REFRESHED);
	assert_int_equal(ca.n_others, 1);
	assert_true(is(ca.others[0], after[1]));
	bytes_done(&anchor->others);
	assert_int_equal(trustpoint_ca_join_others(&ca, &anchor->others), 0);
	trustpoint_ca_recall(anchor, END, &ca);
	assert_true(is(trustpoint_ca_recipient(&ca), after[1]));
	assert_int_equal(recognize(&known, after, 5, END, &ca), TRUSTPOINT_KNOWN_SAME);
	bytes_done(&anchor->others);
	bytes_done(&known.anchors[0].others);
	bytes_done(&after[0]);
	bytes_done(&after[1]);
	bytes_done(&after[4]);
}

/* What GetNextCACert gives of that name is the CA's own word. */
static void an_ra_that_came_with_the_next_ca_needs_nothing_handed_on(void **state)
{
	const struct trustpoint_ca came = {.certificate = span_of(made.next),
					   .others = {span_of(made.ra_signs)},
					   .n_others = 1};
	struct trustpoint_ca next = came;
	struct known known;

	(void)state;
	know(&known);
	trustpoint_ca_hand_on(&known.anchors[0], &next);
	assert_int_equal(next.n_others, 1);
	assert_true(is(next.others[0], made.ra_signs));
	bytes_done(&known.anchors[0].others);
}

static void nothing_changed_is_believed(void **state)
{
	_cleanup_(bytes_done) struct bytes changed = {};
	struct trustpoint_ca ca;
	struct known known;

	(void)state;
	know(&known);
	assert_int_equal(bytes_copy(span_of(made.ca), &changed), 0);
	assert_int_equal(recognize(&known, &changed, 1, NOW, &ca), TRUSTPOINT_KNOWN_REFRESHED);
	for (size_t bit = 0; bit < changed.size * 8; bit++) {
		changed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_true(recognize(&known, &changed, 1, NOW, &ca) >= TRUSTPOINT_KNOWN_STRANGER);
		changed.data[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	bytes_done(&known.anchors[0].others);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_ca_is_known_by_its_certificate_alone),
		cmocka_unit_test(a_router_on_the_way_is_no_ra),
		cmocka_unit_test(an_ra_is_known_over_a_succession),
		cmocka_unit_test(an_ra_that_came_with_the_next_ca_needs_nothing_handed_on),
		cmocka_unit_test(nothing_changed_is_believed),
	};

	return cmocka_run_group_tests(tests, make_all, drop_all);
}
