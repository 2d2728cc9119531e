/*
 * What the machine itself takes for a forwarded packet, measured in the same run as the relay:
 * sealing with AES-128-GCM by OpenSSL EVP and one sendmsg a subscriber for each picture (GSO) and
 * each sound, as the load client sends them, and nothing else. Machines differ; the ratio of a
 * relay to its floor does not, so much.
 */
#ifndef ASSIZE_TESTS_PEER_FLOOR_H
#define ASSIZE_TESTS_PEER_FLOOR_H

/* Microseconds of CPU a packet with so many subscribers; negative when a socket could not be had.
 */
double floor_measure(unsigned subscribers);

#endif
