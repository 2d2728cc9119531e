/* A fresh key to sign batches with. Used by the tests of the exchange. */
#ifndef ASSIZE_TESTS_UNIT_SIGNER_FIXTURE_H
#define ASSIZE_TESTS_UNIT_SIGNER_FIXTURE_H

#include "server/exchange/signer.h"

/* For signer_free. Fails the test by itself. */
struct signer *signer_fixture(void);
/* The same, and the public half of it: its SubjectPublicKeyInfo, DER. */
enum { SIGNER_FIXTURE_KEY_MAX = 128 };
struct signer *signer_fixture_with(uint8_t key[static SIGNER_FIXTURE_KEY_MAX], size_t *ret_len);

#endif
