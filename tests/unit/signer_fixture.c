#include "tests/unit/signer_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct signer *signer_fixture_with(uint8_t key[static SIGNER_FIXTURE_KEY_MAX], size_t *ret_len)
{
    char path[] = "/tmp/assize-signer-XXXXXX";
    unsigned char *der = key;
    EVP_PKEY *made = EVP_EC_gen("P-256");
    FILE *file = fdopen(mkstemp(path), "w");

    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, made, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    assert_true(i2d_PUBKEY(made, NULL) <= SIGNER_FIXTURE_KEY_MAX);
    *ret_len = (size_t)i2d_PUBKEY(made, &der);
    EVP_PKEY_free(made);
    struct signer *signer = signer_load(path);
    unlink(path);
    assert_non_null(signer);
    return signer;
}

struct signer *signer_fixture(void)
{
    uint8_t key[SIGNER_FIXTURE_KEY_MAX];
    size_t len;

    return signer_fixture_with(key, &len);
}
