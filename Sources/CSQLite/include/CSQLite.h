#ifndef CSQLITE_H
#define CSQLITE_H

/// What Swift cannot call of SQLite: functions with a variable number of arguments. `connection` is a `sqlite3 *`.

/// Shuts off what a store's index never needs and a crafted file could use: writing to the schema, functions in the schema,
/// triggers, views, attached databases, values above 64 MiB. Returns an SQLite result code.
int ftc_sqlite_harden(void *connection);

/// How many databases may be attached; `VACUUM` needs one.
void ftc_sqlite_limit_attached(void *connection, int count);

#endif
