#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "server/recording/recording_internal.h"

#define FOLDER "/recordings/"
#define TICKET "ticket="

enum { NAME_SIZE = 128, SHORT_ID = 8 };

/* A name for the file where it is saved that tells files of several hearings apart. */
static void write_name(const struct ask *ask, char *out, size_t size)
{
    snprintf(out, size, "assize-%.*s-%s", SHORT_ID, ask->hearing, ask->file);
}

static void send_file(struct ask *ask)
{
    char tag[SHA256_HEX_SIZE], name[NAME_SIZE];
    const uint8_t *sum =
        ask->error ? NULL : check_known(ask->recordings, ask->hearing, ask->file, &ask->identity);

    if (!sum) {
        ask_refuse(ask, ask->error ? REFUSAL_FILE_UNKNOWN : REFUSAL_FILE_NOT_CHECKED);
        return;
    }
    str_hex(sum, SHA256_BYTES, tag);
    write_name(ask, name, sizeof(name));
    bool download = ask->kind == ASSIZE__RECORD__V1__VIEW_KIND__VIEW_KIND_DOWNLOAD;
    net_fetch_send(ask->fetch, &(struct net_file){.fd = ask->fd,
                                                  .size = ask->identity.size,
                                                  .type = "video/webm",
                                                  .tag = tag,
                                                  .attach = download ? name : NULL});
    ask->fd = -1;
    ask_free(ask);
}

static void open_file(struct ask *ask)
{
    ask->fd = index_open(ask->recordings->files, ask->hearing, ask->file, &ask->identity);
    ask->error = ask->fd < 0 ? ask->fd : 0;
}

static void with_ticket(struct ask *ask)
{
    const char *query = net_fetch_peer(ask->fetch)->query;
    const struct rendering *rendering = render_find(ask->recordings, ask->hearing);
    const struct ticket *ticket = strncmp(query, TICKET, strlen(TICKET)) == 0
                                      ? ticket_use(ask, query + strlen(TICKET))
                                      : NULL;

    if (!ticket) {
        ask_refuse(ask, REFUSAL_TICKET_ENDED);
        return;
    }
    if (rendering && rendering->running) {
        ask_refuse(ask, REFUSAL_FILES_NOT_READY);
        return;
    }
    ask->kind = *ticket->file ? ASSIZE__RECORD__V1__VIEW_KIND__VIEW_KIND_DOWNLOAD
                              : ASSIZE__RECORD__V1__VIEW_KIND__VIEW_KIND_WATCH;
    ask_disk(ask, open_file, send_file);
}

/* /recordings/HEARING/FILE */
static bool read_path(struct ask *ask, const char *path)
{
    if (strncmp(path, FOLDER, strlen(FOLDER)) != 0)
        return false;
    path += strlen(FOLDER);
    const char *slash = strchr(path, '/');
    if (!slash || slash - path != ID_UUID_SIZE - 1)
        return false;
    snprintf(ask->hearing, sizeof(ask->hearing), "%s", path);
    return str_is_uuid(ask->hearing) && index_is_file(slash + 1) &&
           str_copy(ask->file, sizeof(ask->file), slash + 1);
}

void recordings_fetch(struct recordings *recordings, struct net_fetch *fetch)
{
    struct ask *ask = ask_new(recordings);

    ask->fetch = fetch;
    ask->allowed = with_ticket;
    if (read_path(ask, net_fetch_path(fetch)))
        ask_begin(ask, net_fetch_peer(fetch));
    else
        ask_refuse(ask, REFUSAL_NOT_FOUND);
}
