# What lies in the output folder, which all nodes share:
#
#   parts                         how many parts the listing is divided into, for good
#   shards/3-of-8.fcstore         the store of part 3
#   shards/3-of-8.complete        build's exit code, there once the store holds the whole part: 0, or 1 with skipped pictures
#   shards/3-of-8.attempt         the run of the task that may publish this part
#   features.fcstore              the merged store
#   logs/                         what the jobs said
#
# shellcheck shell=bash

# The number of parts that $1, an output folder, was begun with.
number_of_parts() {
    local parts
    parts=$(cat "$1/parts" 2>/dev/null) || fail "$1: has no file 'parts', so it is not known how many parts there are. Start with Tools/slurm/submit."
    is_count "$parts" || fail "$1/parts: says '$parts', which is not a number of parts. Write into it the N that the shards were built with."
    echo "$parts"
}

# Whether $1 is a whole number from 1 to 999999, without leading zeros, which the shell would read as octal.
is_count() { [[ $1 =~ ^[1-9][0-9]{0,5}$ ]]; }

shard_path() { echo "$1/shards/$2-of-$3"; }
