/* What is noticed of an organisation when it calls, for whoever shows which of them are there. */
#ifndef ASSIZE_SERVER_EXCHANGE_CONTACT_H
#define ASSIZE_SERVER_EXCHANGE_CONTACT_H

enum contact {
    CONTACT_HEARD,   /* it has called as one that is known, or takes what it is sent */
    CONTACT_LOST,    /* the connection on which it waited has ended on its side */
    CONTACT_TAKEN,   /* a batch of it is in */
    CONTACT_EARLY,   /* a batch of it came before one that is not here */
    CONTACT_REFUSED, /* a batch of it is not to be taken in */
};

typedef void (*contact_callback)(void *context, const char *organisation, enum contact contact);

#endif
