# The arguments that submit gives to both jobs: where the program and the output are, and where to work.
# shellcheck shell=bash disable=SC2034  # what is set here is used by the scripts that read this file

# Sets PROGRAM, OUTPUT, SCRATCH, IN_PLACE, ALLOW_SKIPS, and REST, which is what follows --.
read_job_arguments() {
    PROGRAM="" OUTPUT="" SCRATCH="" IN_PLACE="" ALLOW_SKIPS="" REST=()
    while [ $# -gt 0 ]; do
        case "$1" in
        --program) PROGRAM=$2; shift 2 ;;
        --output) OUTPUT=$2; shift 2 ;;
        --scratch) SCRATCH=$2; shift 2 ;;
        --in-place) IN_PLACE=yes; shift ;;
        --allow-skips) ALLOW_SKIPS=yes; shift ;;
        --) REST=("${@:2}"); break ;;
        *) fail "unknown argument '$1'. Start the jobs with Tools/slurm/submit." ;;
        esac
    done
    [ -d "$OUTPUT" ] || fail "the output folder '$OUTPUT' is not on $(hostname). Use a folder that all nodes share."
    command -v "$PROGRAM" >/dev/null || fail "the program '$PROGRAM' is not on $(hostname). Install it where all nodes see it, and name it with FINETUNER_CACHE_PROGRAM."
}
