#include "CSQLite.h"

#include <sqlite3.h>
#include <stddef.h>

int ftc_sqlite_harden(void *connection) {
    static const struct {
        int option, value;
    } settings[] = {
        {SQLITE_DBCONFIG_DEFENSIVE, 1},
        {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW
        {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
#endif
#ifdef SQLITE_DBCONFIG_TRUSTED_SCHEMA
        {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
#endif
    };
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        int code = sqlite3_db_config(connection, settings[i].option, settings[i].value, (int *)0);
        if (code != SQLITE_OK) return code;
    }
    sqlite3_limit(connection, SQLITE_LIMIT_LENGTH, 1 << 26);
    ftc_sqlite_limit_attached(connection, 0);
    return SQLITE_OK;
}

void ftc_sqlite_limit_attached(void *connection, int count) {
    sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, count);
}
