/* assize reference: the pages of the manual that are tables of the program. */
#include <stdio.h>
#include <string.h>

#include "base/errors.h"
#include "base/frame.h"
#include "base/limits.h"
#include "base/password/password.h"
#include "base/spki.h"
#include "cli/archive.h"
#include "cli/cli.h"
#include "cli/ward.h"
#include "db/access_store.h"
#include "db/account_store.h"
#include "db/admin.h"
#include "db/case_store.h"
#include "db/change_store.h"
#include "db/console_store.h"
#include "db/db.h"
#include "db/desk_store.h"
#include "db/exchange_store.h"
#include "db/monitor_store.h"
#include "db/notice_store.h"
#include "db/recording_store.h"
#include "media/journal/limits.h"
#include "media/relay/limits.h"
#include "media/rtp/rtcp.h"
#include "media/rtp/sdp.h"
#include "media/rtp/stun.h"
#include "media/studio/limits.h"
#include "media/studio/render_limits.h"
#include "press/limits.h"
#include "proto/codec.h"
#include "server/access/changes.h"
#include "server/access/inquiry.h"
#include "server/cases/case_check.h"
#include "server/ceremony/facts.h"
#include "server/console/alerts.h"
#include "server/court/court.h"
#include "server/exchange/puller.h"
#include "server/exchange/pulls.h"
#include "server/exchange/receiver.h"
#include "server/exchange/retry.h"
#include "server/exchange/sender.h"
#include "server/exchange/tally.h"
#include "server/hearing/hearing.h"
#include "server/identity/hasher.h"
#include "server/identity/identity.h"
#include "server/identity/staff.h"
#include "server/media/relay_client.h"
#include "server/media/stage.h"
#include "server/media/studio_client.h"
#include "server/minutes/minutes.h"
#include "server/net/net.h"
#include "server/paper/press.h"
#include "server/recording/recording.h"
#include "server/session/session.h"

static const struct limit_row limits[] = {
    LIMITS_TABLE(NET_LIMITS)           /* HTTP and WebSocket */
    LIMITS_TABLE(SPKI_LIMITS)          /* certificates */
    LIMITS_TABLE(ARCHIVE_LIMITS)       /* backups */
    LIMITS_TABLE(CODEC_LIMITS)         /* messages */
    LIMITS_TABLE(IDENTITY_LIMITS)      /* links and sign-ins */
    LIMITS_TABLE(STAFF_LIMITS)         /* staff */
    LIMITS_TABLE(ACCOUNT_LIMITS)       /* and their sessions */
    LIMITS_TABLE(PASSWORD_LIMITS)      /* and passwords */
    LIMITS_TABLE(HASHER_LIMITS)        /* and those being looked at */
    LIMITS_TABLE(ADMIN_LIMITS)         /* making links */
    LIMITS_TABLE(CONSOLE_LIMITS)       /* the officer console */
    LIMITS_TABLE(ALERTS_LIMITS)        /* and what comes to it */
    LIMITS_TABLE(DESK_LIMITS)          /* the clerk's page */
    LIMITS_TABLE(FACTS_LIMITS)         /* a record of identity */
    LIMITS_TABLE(SESSION_LIMITS)       /* who is connected */
    LIMITS_TABLE(HEARING_LIMITS)       /* one hearing */
    LIMITS_TABLE(PROCEDURE_LIMITS)     /* its law */
    LIMITS_TABLE(PROCEDURES_LIMITS)    /* and all there is of it */
    LIMITS_TABLE(COURT_LIMITS)         /* all hearings */
    LIMITS_TABLE(HEARING_STORE_LIMITS) /* and what is written in them */
    LIMITS_TABLE(DB_LIMITS)            /* the database */
    LIMITS_TABLE(CASE_CHECK_LIMITS)    /* a case record */
    LIMITS_TABLE(CASE_NUMBER_LIMITS)   /* and its numbers */
    LIMITS_TABLE(CASE_STORE_LIMITS)    /* told to who has a right */
    LIMITS_TABLE(ACCESS_LIMITS)        /* and the rights */
    LIMITS_TABLE(CHANGE_STORE_LIMITS)  /* and how far changes are */
    LIMITS_TABLE(NOTICE_STORE_LIMITS)  /* and what others have told it */
    LIMITS_TABLE(CHANGES_LIMITS)       /* and who watches that */
    LIMITS_TABLE(INQUIRY_LIMITS)       /* what a court asks its centre */
    LIMITS_TABLE(EXCHANGE_LIMITS)      /* what leaves for the centre */
    LIMITS_TABLE(SENDER_LIMITS)        /* and who brings it there */
    LIMITS_TABLE(ONWARD_LIMITS)        /* and with what was held */
    LIMITS_TABLE(RECEIVER_LIMITS)      /* and who takes it in */
    LIMITS_TABLE(PULLER_LIMITS)        /* who fetches what the centre has */
    LIMITS_TABLE(TALLY_LIMITS)         /* and what is counted of it */
    LIMITS_TABLE(PULLS_LIMITS)         /* and who gives it to them */
    LIMITS_TABLE(RETRY_LIMITS)         /* when the other cannot be reached */
    LIMITS_TABLE(MONITOR_LIMITS)       /* and who watches it there */
    LIMITS_TABLE(RECORDING_LIMITS)     /* what people watch */
    LIMITS_TABLE(RECORDED_LIMITS)      /* and its log */
    LIMITS_TABLE(MINUTES_LIMITS)       /* minutes */
    LIMITS_TABLE(PAPER_LIMITS)         /* on paper */
    LIMITS_TABLE(PRESS_LIMITS)         /* one document */
    LIMITS_TABLE(FRAME_LIMITS)         /* control sockets */
    LIMITS_TABLE(RELAY_CLIENT_LIMITS)  /* the server's side of one */
    LIMITS_TABLE(RELAY_LIMITS)         /* the relay */
    LIMITS_TABLE(JOURNAL_LIMITS)       /* what it keeps */
    LIMITS_TABLE(SDP_LIMITS)           /* what it reads */
    LIMITS_TABLE(STUDIO_LIMITS)        /* the studio */
    LIMITS_TABLE(RENDER_LIMITS)        /* files made of the record */
    LIMITS_TABLE(STAGE_LIMITS) LIMITS_TABLE(STUDIO_CLIENT_LIMITS) LIMITS_TABLE(WARD_LIMITS)
        LIMITS_TABLE(STUN_LIMITS) LIMITS_TABLE(RTCP_LIMITS)};

static void print_limits(void)
{
    puts("# Limits\n\nEvery bound on what a peer or a person may send, hold or ask. Over one: a "
         "clear "
         "refusal.\nMade by `assize reference limits`.\n\n| Limit | Value | What it bounds |\n"
         "|---|---|---|");
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        printf("| `%s` | %lld %s | %s |\n", limits[i].name, limits[i].value, limits[i].unit,
               limits[i].what);
}

static void print_refusals(void)
{
    puts("# Refusals\n\nEvery way the server says no. The code is stable.\nMade by `assize "
         "reference "
         "refusals`.\n\n| Code | Connect | HTTP | Vietnamese | English |\n|---|---|---|---|---|");
    for (int i = REFUSAL_NONE + 1; i < REFUSAL_COUNT; i++) {
        const struct refusal_info *row = refusal_info((enum refusal)i);
        printf("| `%s` | `%s` | %d | %s | %s |\n", row->code, row->connect_code, row->http_status,
               row->vi, row->en);
    }
    puts("\n## Rejections\n\nWhy one record of a batch is rejected while the others are taken in."
         " A reason may name\nanother field, `future:decision.issued_on`. Any other reason is the "
         "path of the"
         " field that is wrong,\nwith `invalid_argument`.\n\n"
         "| Reason | Field | Connect |\n|---|---|---|");
#define X(reason, field, connect) printf("| `%s` | `%s` | `%s` |\n", reason, field, connect);
    REJECTIONS(X)
#undef X
}

enum cli_exit cmd_reference(int argc, char **argv)
{
    const char *page = argc == 2 ? argv[1] : "";

    if (strcmp(page, "config") == 0)
        config_print_reference(stdout);
    else if (strcmp(page, "limits") == 0)
        print_limits();
    else if (strcmp(page, "refusals") == 0)
        print_refusals();
    else
        return cli_fail(CLI_USAGE, "reference wants: config, limits or refusals.");
    return CLI_OK;
}
