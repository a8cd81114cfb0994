#!/usr/bin/env bash
# Makes a Debian machine that has Rust ready to build and test: what is missing is installed when
# we are root, and otherwise named together with the command that installs it. Running it twice
# changes nothing. It never changes the Rust toolchain and never touches anything outside the
# repository but Debian packages.
set -euo pipefail
cd "$(dirname "$0")/.."

VENV=tests/.venv
REQUIREMENTS=tests/requirements.txt

stop() {
    printf 'setup: %s\n' "$1" >&2
    printf 'Hint: %s\n' "$2" >&2
    exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Debian packages: the command that must be there, and the package that brings it.
missing_packages() {
    has gcc        || printf 'gcc libc6-dev '
    has pkg-config || printf 'pkg-config '
    has curl       || printf 'curl '
    has xz         || printf 'xz-utils '
    has zstd       || printf 'zstd '
    has git        || printf 'git '
    if ! has python3; then
        printf 'python3 python3-venv '
    elif ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1; then
        printf 'python3-venv '
    fi
}

install_packages() {
    local packages
    packages=$(missing_packages)
    [ -n "$packages" ] || return 0
    local command="apt-get update && apt-get install -y --no-install-recommends $packages"
    if ! has apt-get; then
        stop "missing: $packages(Debian's names)" "install them with this system's package manager"
    fi
    [ "$(id -u)" -eq 0 ] || stop "missing: $packages" "sudo sh -c '$command'"
    printf 'setup: installing %s\n' "$packages"
    DEBIAN_FRONTEND=noninteractive sh -c "$command" >/dev/null \
        || stop "could not install $packages" "$command"
    packages=$(missing_packages)
    [ -z "$packages" ] || stop "still missing after the installation: $packages" "$command"
}

check_rust() {
    has cargo || stop "cargo is missing" "install Rust with rustup: https://rustup.rs"
    local wanted have
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    have=$(rustc --version | cut -d ' ' -f 2)
    [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ] \
        || stop "Rust $have is older than $wanted" "rustup update stable"
    cargo fmt --version >/dev/null 2>&1 && cargo clippy --version >/dev/null 2>&1 \
        || stop "rustfmt or clippy is missing" "rustup component add rustfmt clippy"
}

# The virtual environment is made anew whenever its Python or the pinned versions have changed.
make_venv() {
    local stamp="$VENV/.made-from" wanted
    wanted="$(python3 --version) $(cksum <"$REQUIREMENTS")"
    if [ -x "$VENV/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ]; then
        return 0
    fi
    printf 'setup: making %s\n' "$VENV"
    python3 -m venv --clear "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r "$REQUIREMENTS" \
        || stop "could not install the Python packages" \
                "$VENV/bin/python -m pip install -r $REQUIREMENTS"
    "$VENV/bin/python" -c 'import cryptography, medallion, requests, stix2, taxii2client' \
        || stop "the Python packages are installed but do not load" "rm -r $VENV && make setup"
    printf '%s\n' "$wanted" >"$stamp"
}

install_packages
check_rust
make_venv
printf 'setup: ready\n'
