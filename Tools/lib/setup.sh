# Shared by Tools/quickstart and Tools/test: what a fresh Debian or Ubuntu machine lacks, installed without questions.
# shellcheck shell=bash

say() { printf '\n== %s\n' "$*" >&2; }
fail() { printf 'error: %s\n' "$*" >&2; exit 2; }

# Runs a command as root: directly where we are root, else with sudo, which may ask for its password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"
    elif command -v sudo >/dev/null; then sudo "$@"
    else fail "'$*' needs root and there is no sudo. Run it as root, then run this script again."; fi
}

install_packages() {
    command -v apt-get >/dev/null || fail "this script installs with apt-get, which this system lacks.
Install what Tools/packages.txt names with your package manager, then use 'swift build -c release'."
    local wanted missing=()
    wanted=$(grep -v '^#' "$ROOT/Tools/packages.txt")
    for package in $wanted; do
        # Some names are virtual or replaced by another package; a missing one is asked of apt, which knows.
        dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    say "Installing ${missing[*]}"
    local log
    log=$(mktemp)
    { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        >"$log" 2>&1 || {
        tail -n 20 "$log" >&2
        fail "apt-get could not install ${missing[*]}. Look at its message above; the whole log is $log."
    }
    rm -f "$log"
}

swift_is_new_enough() {
    command -v swift >/dev/null || return 1
    local version
    version=$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
    [ -n "$version" ] && [ "$(printf '%s\n6.2\n' "$version" | sort -V | head -n 1)" = 6.2 ]
}

# swift.org's toolchain for this distribution, its signature checked against swift.org's keys.
install_swift() {
    local release=6.3.1 home=${FINETUNER_CACHE_HOME:-$HOME/.cache/finetuner-cache}
    local toolchain="$home/swift-$release"
    if [ ! -x "$toolchain/usr/bin/swift" ]; then
        # shellcheck disable=SC1091
        . /etc/os-release
        local system="${ID}${VERSION_ID}" machine suffix=""
        case "$system" in
        debian12 | ubuntu22.04 | ubuntu24.04) ;;
        *) fail "swift.org has no toolchain for ${PRETTY_NAME:-$system}.
Install Swift 6.2 or newer by hand (https://www.swift.org/install/linux/), then run this script again." ;;
        esac
        machine=$(uname -m)
        [ "$machine" = aarch64 ] && suffix=-aarch64
        local file="swift-$release-RELEASE-$system$suffix.tar.gz"
        local address="https://download.swift.org/swift-$release-release/${system//./}$suffix/swift-$release-RELEASE/$file"
        say "Installing Swift $release from swift.org into $toolchain"
        local work
        work=$(mktemp -d)
        # shellcheck disable=SC2064
        trap "rm -rf '$work'" RETURN
        local remedy="Check the network or proxy, or install Swift 6.2 or newer by hand
(https://www.swift.org/install/linux/), then run this script again."
        curl -fsSL --retry 3 -o "$work/$file" "$address" || fail "cannot fetch $address. $remedy"
        curl -fsSL --retry 3 -o "$work/$file.sig" "$address.sig" || fail "cannot fetch $address.sig. $remedy"
        curl -fsSL --retry 3 -o "$work/keys.asc" https://www.swift.org/keys/all-keys.asc ||
            fail "cannot fetch swift.org's keys. $remedy"
        mkdir -m 700 "$work/gnupg"
        gpg --homedir "$work/gnupg" --quiet --import "$work/keys.asc" 2>/dev/null
        gpg --homedir "$work/gnupg" --quiet --verify "$work/$file.sig" "$work/$file" 2>"$work/gpg.log" ||
            { cat "$work/gpg.log" >&2; fail "the signature of $file is not swift.org's. Nothing was installed."; }
        mkdir -p "$toolchain.part"
        tar xzf "$work/$file" -C "$toolchain.part" --strip-components=1
        mv "$toolchain.part" "$toolchain"
    fi
    PATH="$toolchain/usr/bin:$PATH"
    export PATH
    swift_is_new_enough || fail "the toolchain in $toolchain does not run. Remove that folder and run this script again."
}

prepare_machine() {
    install_packages
    swift_is_new_enough || install_swift
}
