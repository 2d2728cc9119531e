#include "db/identity_record.h"

#include <assert.h>
#include <stdlib.h>

static const char label[] = "assize identity 1"; /* with its NUL */

int identity_record_message(const ProtobufCBinaryData *facts,
                            const ProtobufCBinaryData *attestation, struct buf *message)
{
    uint8_t len[4];

    for (int i = 0; i < 4; i++)
        len[i] = (uint8_t)(facts->len >> (24 - 8 * i));
    int result = buf_append(message, label, sizeof(label));
    if (!result)
        result = buf_append(message, len, sizeof(len));
    if (!result)
        result = buf_append(message, facts->data, facts->len);
    return result ? result : buf_append(message, attestation->data, attestation->len);
}

void identity_record_hash(const struct ceremony_record *record, uint32_t count,
                          uint8_t out[static SHA256_BYTES])
{
    Assize__Identity__V1__IdentityRecord message = ASSIZE__IDENTITY__V1__IDENTITY_RECORD__INIT;
    Assize__Identity__V1__Attestation made[CEREMONY_ATTESTATIONS_MAX];
    Assize__Identity__V1__Attestation *table[CEREMONY_ATTESTATIONS_MAX];

    assert(count <= CEREMONY_ATTESTATIONS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        const struct ceremony_attestation *one = &record->attestations[i];
        table[i] = &made[i];
        assize__identity__v1__attestation__init(&made[i]);
        made[i].has_attestation = made[i].has_public_key = made[i].has_signature = true;
        made[i].attestation = one->attestation;
        made[i].public_key = one->public_key;
        made[i].signature = one->signature;
    }
    message.has_facts = true;
    message.facts = record->facts;
    message.attestations = table;
    message.n_attestations = count;
    uint8_t *packed = malloc(assize__identity__v1__identity_record__get_packed_size(&message) + 1);
    if (!packed)
        abort();
    sha256(packed, assize__identity__v1__identity_record__pack(&message, packed), out);
    free(packed);
}
