/*
 * How the law calls the people of a hearing, in Vietnamese, as it stands before their names:
 * "Người làm chứng". For what the server itself writes: the programme feed's captions, the minutes.
 */
#ifndef ASSIZE_SERVER_HEARING_TITLE_H
#define ASSIZE_SERVER_HEARING_TITLE_H

#include "assize/hearing/v1/hearing.pb-c.h"
#include "server/hearing/procedure.h"

enum { HEARING_ARTICLE_SIZE = PROCEDURE_TEXT_MAX + 64 };

/* Begins with a capital letter of ASCII; "" for a role this build does not know. */
const char *hearing_role_title(Assize__Hearing__V1__Role role);

/* "BLTTHS 251" is "Điều 251 Bộ luật Tố tụng hình sự"; what is not known stays as it is. */
void hearing_article_title(const char *article, char out[static HEARING_ARTICLE_SIZE]);

/* What a rule of hearing_explain asks for: "Kiểm sát viên có mặt", "người được phát biểu trong phần
 * Xét hỏi". procedure: the one the hearing is held by, or NULL; then, as for a rule it lacks, in
 * general words. The text is the procedure's or static. */
const char *hearing_rule_title(const struct procedure *procedure, const char *rule);

#endif
