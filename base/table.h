/* uthash, our only hash table, with a hash function that compiles without warnings. */
#ifndef ASSIZE_BASE_TABLE_H
#define ASSIZE_BASE_TABLE_H

#define HASH_FUNCTION HASH_FNV
#include <uthash.h>

#endif
