#include "base/spki.h"

#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

bool spki_digest(const EVP_PKEY *key, uint8_t out[static SHA256_BYTES])
{
    unsigned char *der = NULL;
    int len = key ? i2d_PUBKEY(key, &der) : 0;

    if (len > 0)
        sha256(der, (size_t)len, out);
    OPENSSL_free(der);
    return len > 0;
}

void spki_text(const uint8_t spki[static SHA256_BYTES], char out[static SPKI_TEXT_SIZE])
{
    for (int i = 0; i < SPKI_TEXT_GROUPS; i++)
        snprintf(out + 5 * i, SPKI_TEXT_SIZE - 5 * i, "%02x%02x%s", spki[2 * i], spki[2 * i + 1],
                 i < SPKI_TEXT_GROUPS - 1 ? " " : "");
}

bool spki_is(const uint8_t spki[static SHA256_BYTES], const char *text)
{
    char digits[SHA256_HEX_SIZE];
    size_t count = 0;

    str_hex(spki, SHA256_BYTES, digits);
    for (; *text; text++) {
        char c = *text >= 'A' && *text <= 'F' ? (char)(*text + 'a' - 'A') : *text;
        if (c == ' ' || c == ':')
            continue;
        if (count == SHA256_HEX_SIZE - 1 || c != digits[count++])
            return false;
    }
    return count >= 4 * SPKI_TEXT_GROUPS;
}

int spki_days_left(const X509 *certificate)
{
    int days = 0, seconds = 0;

    ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate));
    return seconds < 0 ? days - 1 : days;
}
