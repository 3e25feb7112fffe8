# How the scripts of this folder speak: what goes on and what went wrong, both to standard error.
# shellcheck shell=bash

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }

# The object, the fact and the remedy, and the program's own exit code for an error.
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }
