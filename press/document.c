#include "press/document.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#include "press/page.h"
#include "press/parts.h"

static cairo_status_t write_out(void *closure, const unsigned char *data, unsigned len)
{
    const int *fd = closure;

    while (len) {
        ssize_t n = write(*fd, data, len);
        if (n <= 0 && errno != EINTR)
            return CAIRO_STATUS_WRITE_ERROR;
        if (n > 0) {
            data += n;
            len -= (unsigned)n;
        }
    }
    return CAIRO_STATUS_SUCCESS;
}

static void set_metadata(cairo_surface_t *surface,
                         const Assize__Minutes__V1__MinutesDocument *document)
{
    char *title = g_strconcat("Biên bản phiên tòa, vụ án số ", document->case_number, NULL);
    char when[PARTS_TIME_SIZE];

    parts_iso_time(document->at_ms, when);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_TITLE, title);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_AUTHOR, document->court);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATOR, "Assize");
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, when);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_MOD_DATE, when);
    g_free(title);
}

static int set_all(const Assize__Minutes__V1__MinutesDocument *document, cairo_surface_t *surface,
                   int count, bool *ret_full)
{
    char *running = g_strdup_printf("Biên bản phiên tòa · Vụ án số %s · %s", document->case_number,
                                    document->court);
    struct page page;

    page_begin(&page, surface, count, running);
    parts_heading(&page, document);
    parts_people(&page, document);
    parts_sections(&page, document);
    parts_lists(&page, document);
    parts_signatures(&page, document);
    *ret_full = page.full;
    int pages = page_end(&page);
    g_free(running);
    return pages;
}

int document_print(const Assize__Minutes__V1__MinutesDocument *document, int fd)
{
    bool full;
    int count = set_all(document, NULL, 0, &full);

    if (full)
        return -EMSGSIZE;
    cairo_surface_t *surface =
        cairo_pdf_surface_create_for_stream(write_out, &fd, PAGE_WIDTH, PAGE_HEIGHT);
    set_metadata(surface, document);
    set_all(document, surface, count, &full);
    cairo_surface_finish(surface);
    int result = cairo_surface_status(surface) ? -EIO : 0;
    cairo_surface_destroy(surface);
    return result;
}
