# What a test asks Slurm about jobs. Uses $PROGRAM, $OUTPUT, $DELAY and $WORK of the test.
# shellcheck shell=bash disable=SC2034  # what is set here is for the test

# Submits with submit, and sets BUILD and MERGE to the jobs' ids.
submit_and_read() {
    local answer
    answer=$(submit "$@" 2>"$WORK/submission") || { cat "$WORK/submission" >&2; exit 1; }
    BUILD=$(sed -n 's/^build //p' <<<"$answer")
    MERGE=$(sed -n 's/^merge //p' <<<"$answer")
}

# Waits until the parts $2… of the array $1 are at their pictures, then for so long that some are done, but not all.
await_extraction() {
    local array=$1 part
    for part in "${@:2}"; do wait_until 60 is_extracting "$array" "$part" || give_up "part $part did not begin"; done
    sleep "$DELAY"
}

# Before its first picture the program takes SIGTERM, the bit 14 of the signals that it catches, into its own hands.
is_extracting() {
    local caught
    caught=$(awk '$1 == "SigCgt:" { print $2 }' "/proc/$(build_process_of "$1" "$2")/status") && ((0x$caught >> 14 & 1))
}

# Runs a command that disturbs a task, which has to be there for that.
disturb() { "$@" || give_up "a task was done before it could be disturbed: $*"; }

give_up() { say "FAILED: $*"; exit 1; }

# The process of the program that works at part $2 of the array $1.
build_process_of() {
    local pid
    for pid in $(scontrol listpids "$(job_of "$1_$2")" | awk 'NR > 1 { print $1 }'); do
        [ "$(realpath "/proc/$pid/exe" 2>/dev/null)" != "$(realpath "$PROGRAM")" ] || echo "$pid"
    done
}

parent_of() { awk '$1 == "PPid:" { print $2 }' "/proc/$1/status"; }

await_jobs() {
    wait_until 120 no_jobs && return
    squeue >&2
    give_up "jobs did not end"
}

field_of() { scontrol show job --oneliner "$1" | grep -oP "(?<= $2=)[^ :]*" | head -n 1; }
# A task's own job id.
job_of() { scontrol show job --oneliner "$1" | grep -oP '^JobId=\K[0-9]+'; }
exit_code_of() { field_of "$1" ExitCode; }
state_of() { field_of "$1" JobState; }
