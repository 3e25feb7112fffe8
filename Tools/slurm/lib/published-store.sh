# Stores on a shared file system that are worked on in a copy and replaced as a whole, so that no lock of a network file
# system is relied on, and that whoever looks sees the old store or the new one.
# shellcheck shell=bash

# Copies the store $1 to $2, if it is there; first finishes a replacement that was killed half way.
fetch_store() {
    local published=$1 copy=$2
    [ -e "$published" ] || [ ! -e "$published.outgoing" ] || mv "$published.outgoing" "$published"
    [ ! -e "$published" ] || cp -R "$published" "$copy"
}

# Puts the store $1 in the place of $2. The copy is whole and on the disk before the old store goes.
publish_store() {
    local copy=$1 published=$2
    rm -rf "$published".incoming.* "$published.outgoing"
    local incoming="$published.incoming.$$"
    cp -R "$copy" "$incoming"
    sync --file-system "$incoming"
    [ ! -e "$published" ] || mv "$published" "$published.outgoing"
    mv "$incoming" "$published"
    rm -rf "$published.outgoing"
}

# A new folder on the node's own disk: below $1, else where Slurm or the site says that there is one.
make_scratch_folder() {
    local base
    for base in "${1:-${SLURM_TMPDIR:-}}" "${TMPDIR:-}" /tmp; do
        if [ -n "$base" ] && [ -d "$base" ] && [ -w "$base" ]; then
            mktemp -d "$base/finetuner-cache.XXXXXX"
            return
        fi
        [ -z "${1:-}" ] || fail "--scratch $1: is no folder on $(hostname) that can be written to. Give a folder that every node has, or leave --scratch out."
    done
    fail "$(hostname) has no folder for temporary files. Give one with --scratch."
}
