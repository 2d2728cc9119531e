#include "server/cases/case_number.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

#define D_WITH_STROKE "\xc4\x90" /* Đ */

enum { YEAR_LEAST = 1945, YEAR_MOST = 2199, DIGITS_MAX = 8 };

/* Since Decision 19/2025/QĐ-TTg. */
static const unsigned char provinces[] = {1,  4,  8,  11, 12, 14, 15, 19, 20, 22, 24, 25,
                                          31, 33, 37, 38, 40, 42, 44, 46, 48, 51, 52, 56,
                                          66, 68, 75, 79, 80, 82, 86, 91, 92, 96};

/* Decimal digits at *at, which moves behind them. */
static bool take_digits(const char **at, uint32_t most, uint32_t *ret_value)
{
    size_t count = strspn(*at, "0123456789");
    uint32_t value = 0;

    if (!count || count > DIGITS_MAX)
        return false;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (uint32_t)((*at)[i] - '0');
    *at += count;
    *ret_value = value;
    return value > 0 && value <= most;
}

/* How many bytes of a capital stand there; 0 for another letter. */
static size_t capital(const char *at)
{
    if (*at >= 'A' && *at <= 'Z')
        return 1;
    return strncmp(at, D_WITH_STROKE, 2) == 0 ? 2 : 0;
}

static bool type_is_good(const char *type)
{
    size_t letters = 0;

    for (const char *at = type; *at;) {
        size_t step = capital(at);
        if (!step && !(*at == '-' && letters && at[1]))
            return false;
        letters = step ? letters + 1 : 0;
        at += step ? step : 1;
    }
    return letters > 0;
}

bool case_number_parse(const char *text, struct case_number *ret_number)
{
    struct case_number number;

    if (!take_digits(&text, CASE_NUMBER_MOST, &number.number) || *text++ != '/' ||
        strspn(text, "0123456789") != 4 || !take_digits(&text, YEAR_MOST, &number.year) ||
        number.year < YEAR_LEAST || *text++ != '/' ||
        !str_copy(number.type, sizeof(number.type), text) || !type_is_good(text))
        return false;
    *ret_number = number;
    return true;
}

static bool is_province(unsigned code)
{
    for (size_t i = 0; i < sizeof(provinces); i++) {
        if (provinces[i] == code)
            return true;
    }
    return false;
}

bool case_court_parse(const char *code, struct case_court *ret_court)
{
    struct case_court court = {.level = CASE_COURT_SUPREME};
    uint32_t value;

    if (strcmp(code, "TANDTC") == 0) {
        *ret_court = court;
        return true;
    }
    if (strncmp(code, "TAND.", 5) != 0 || strspn(code + 5, "0123456789") != 2)
        return false;
    code += 5;
    if (!take_digits(&code, CASE_REGION_MOST, &value) || !is_province(value))
        return false;
    court.level = CASE_COURT_PROVINCIAL;
    court.province = value;
    if (*code) {
        if (strncmp(code, ".KV", 3) != 0 || code[3] == '0')
            return false;
        code += 3;
        if (!take_digits(&code, CASE_REGION_MOST, &value) || *code)
            return false;
        court.level = CASE_COURT_REGIONAL;
        court.region = value;
    }
    *ret_court = court;
    return true;
}

void case_court_above(const struct case_court *court, char code[static CASE_COURT_SIZE])
{
    switch (court->level) {
    case CASE_COURT_SUPREME:
        code[0] = '\0';
        break;
    case CASE_COURT_PROVINCIAL:
        str_copy(code, CASE_COURT_SIZE, "TANDTC");
        break;
    case CASE_COURT_REGIONAL:
        snprintf(code, CASE_COURT_SIZE, "TAND.%02u", court->province);
        break;
    }
}

void case_public_id(const char *court, const struct case_number *number,
                    char id[static CASE_PUBLIC_ID_SIZE])
{
    int used =
        snprintf(id, CASE_PUBLIC_ID_SIZE, "VN:%.35s:%u:%u-", court, number->year, number->number);
    char *out = id + used;

    for (const char *at = number->type; *at; at += strncmp(at, D_WITH_STROKE, 2) ? 1 : 2)
        *out++ = *at == D_WITH_STROKE[0] ? 'D' : *at;
    *out = '\0';
}

bool case_public_id_is_good(const char *id)
{
    char court[CASE_COURT_SIZE], again[CASE_PUBLIC_ID_SIZE];
    struct case_number number;
    struct case_court parsed;

    if (strncmp(id, "VN:", 3) != 0)
        return false;
    size_t len = strcspn(id + 3, ":");
    if (len >= sizeof(court) || !id[3 + len])
        return false;
    snprintf(court, sizeof(court), "%.*s", (int)len, id + 3);
    const char *at = id + 4 + len;
    if (!case_court_parse(court, &parsed) || !take_digits(&at, YEAR_MOST, &number.year) ||
        *at++ != ':' || !take_digits(&at, CASE_NUMBER_MOST, &number.number) || *at++ != '-' ||
        !str_copy(number.type, sizeof(number.type), at) || !type_is_good(at))
        return false;
    case_public_id(court, &number, again);
    return number.year >= YEAR_LEAST && strcmp(again, id) == 0;
}
