#include "base/ready.h"

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"

void ready_tell(void)
{
    const char *text = getenv(READY_FD_VARIABLE);
    uint64_t fd;

    if (!text || str_to_u64(text, 1 << 16, &fd))
        return;
    ssize_t written = write((int)fd, "R", 1);
    (void)written;
    close((int)fd);
    unsetenv(READY_FD_VARIABLE);
}
