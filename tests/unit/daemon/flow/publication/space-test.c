/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/flow/publication/space.h"
#include "tests/unit/daemon/flow/world.h"

static struct {
	unsigned n;
	unsigned n_state, n_root;
} seen;

static void count(void *context, const struct space *space)
{
	(void)context;
	seen.n++;
	seen.n_state += strstr(space->path, "/state") != NULL;
	seen.n_root += !strcmp(space->path, "/");
	assert_int_equal(space->low, space->free_bytes < (uint64_t)256 << 20);
}

/* Once each, and only what is on this machine and there. */
static void places_on_this_machine(void **state)
{
	(void)state;
	world_open("", "Store=/\nStore.crl=file:///\nStore.crt=ftp://h/a\nStore.cnm=/none");
	flow_space(world.flow, count, NULL);
	assert_int_equal(seen.n, 2);
	assert_int_equal(seen.n_state, 1);
	assert_int_equal(seen.n_root, 1);
	flow_tell_space(world.flow);
	world_close();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(places_on_this_machine)};

	crypto_init();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
