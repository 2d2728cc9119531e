#include "tests/unit/signer_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/x509.h>

struct signer *signer_fixture_with(uint8_t key[static SIGNER_FIXTURE_KEY_MAX], size_t *ret_len)
{
    unsigned char *der = key;
    EVP_PKEY *made = EVP_EC_gen("P-256");

    assert_true(i2d_PUBKEY(made, NULL) <= SIGNER_FIXTURE_KEY_MAX);
    *ret_len = (size_t)i2d_PUBKEY(made, &der);
    struct signer *signer = signer_new(made);
    EVP_PKEY_free(made);
    assert_non_null(signer);
    return signer;
}

struct signer *signer_fixture(void)
{
    uint8_t key[SIGNER_FIXTURE_KEY_MAX];
    size_t len;

    return signer_fixture_with(key, &len);
}
