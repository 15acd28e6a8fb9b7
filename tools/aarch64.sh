#!/usr/bin/env bash
# Builds the aarch64 wheel on an x86-64 Debian or Ubuntu machine, and runs the tests there under QEMU's user mode.
#
#     tools/aarch64.sh build                 the wheel, in build/aarch64/wheelhouse
#     tools/aarch64.sh test [pytest args]    the tests of that wheel
#     tools/aarch64.sh python [args]         the emulated interpreter, with the wheel installed
#
# An emulated Python drives the build, so that platform, headers and tags are those of the target, and the compiler that
# it starts is the cross compiler, at full speed. Nothing is installed into the system but, as root, missing tools.
# docs/platforms.md says more.
set -euo pipefail
source=$(cd "$(dirname "$0")/.." && pwd)
work=$source/build/aarch64
sysroot=$work/sysroot
python=$work/venv/bin/python

step() { printf '== %s\n' "$*" >&2; }
die() { printf 'aarch64.sh: %s\n' "$*" >&2; exit 1; }

tools() {
    local missing=()
    command -v qemu-aarch64-static > /dev/null || missing+=(qemu-user-static)
    command -v aarch64-linux-gnu-gcc > /dev/null || missing+=(gcc-aarch64-linux-gnu)
    # Only recommended by the compiler, but nothing links without it.
    test -e /usr/aarch64-linux-gnu/lib/crti.o || missing+=(libc6-dev-arm64-cross)
    test ${#missing[@]} = 0 && return
    command -v apt-get > /dev/null || die "needs a Debian or Ubuntu machine, with ${missing[*]}"
    test "$(id -u)" = 0 || die "missing tools; run: apt-get install ${missing[*]}"
    step "installing ${missing[*]}"
    apt-get update -qq
    apt-get install -qq -y --no-install-recommends "${missing[@]}"
}

# Debian's Python for arm64 and all that it needs, unpacked and not installed: the state of apt is a folder of its own.
unpacked() {
    test -e "$sysroot/complete" && return
    step "Python for aarch64, in $sysroot"
    rm -rf "$sysroot"
    mkdir -p "$work"/apt/{lists,cache/archives}/partial "$sysroot"/usr/{bin,lib,sbin}
    : > "$work/apt/status"
    local apt=(apt-get -qq -o APT::Architecture=arm64 -o APT::Architectures=arm64 -o APT::Install-Recommends=0
               -o APT::Sandbox::User="$(id -un)" -o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status"
               -o Dir::Cache="$work/apt/cache")
    if [ -n "${CYPOOL_APT_SOURCES:-}" ]; then
        apt+=(-o Dir::Etc::SourceList="$CYPOOL_APT_SOURCES" -o Dir::Etc::SourceParts=/dev/null)
    fi
    "${apt[@]}" update || true
    "${apt[@]}" install -y --download-only python3-dev python3-venv libgomp1 libstdc++6 ||
        die "APT has no arm64 packages; CYPOOL_APT_SOURCES=FILE names sources that have (docs/platforms.md)"
    local name
    for name in bin lib sbin; do
        ln -s "usr/$name" "$sysroot/$name"
    done
    for name in "$work"/apt/cache/archives/*.deb; do
        dpkg-deb --fsys-tarfile "$name" | tar -xf - -C "$sysroot" --keep-directory-symlink --no-same-owner
    done
    touch "$sysroot/complete"
}

# The interpreter is a script, and sys.executable is that script: what a test starts is emulated again, without binfmt.
# By default an ARMv8.0 processor, so that an instruction of a later one is an error.
environment() {
    mkdir -p "$work/venv/bin"
    printf 'home = %s\ninclude-system-site-packages = false\n' "$sysroot/usr/bin" > "$work/venv/pyvenv.cfg"
    cat > "$python" <<WRAPPER
#!/bin/sh
export QEMU_CPU="\${QEMU_CPU:-cortex-a72}"
exec qemu-aarch64-static -L "$sysroot" -0 "\$0" "$sysroot/usr/bin/python3" "\$@"
WRAPPER
    chmod +x "$python"
    cmp -s "$source/pyproject.toml" "$work/venv/installed.toml" && return
    step "what the build and the tests need, in $work/venv"
    "$python" -m ensurepip > /dev/null
    local requirements
    mapfile -t requirements < <("$python" - "$source/pyproject.toml" <<'PY'
import sys, tomllib
with open(sys.argv[1], "rb") as file:
    project = tomllib.load(file)
print(*project["build-system"]["requires"], *project["project"]["optional-dependencies"]["test"], "wheel", sep="\n")
PY
)
    "$python" -m pip install -q --disable-pip-version-check --only-binary :all: "${requirements[@]}"
    cp "$source/pyproject.toml" "$work/venv/installed.toml"
}

# A copy of the sources, whose times decide what is compiled again.
build() {
    step "the wheel, in $work/wheelhouse"
    mkdir -p "$work/source"
    (cd "$source" && git ls-files -z -co --exclude-standard | tar --null --ignore-failed-read -T - -cf -) |
        tar -xf - -C "$work/source"
    rm -rf "$work/wheelhouse" "$work/source/build/bdist"* "$work/source/build/lib"*
    local include
    include=$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
    # Python's headers ahead of the host's; of the C library's, those of the cross compiler first.
    (cd "$work/source" && CFLAGS="-I$include -idirafter $sysroot/usr/include" "$python" -m pip wheel \
        --disable-pip-version-check --no-build-isolation --no-deps -v -w "$work/wheelhouse" .) > "$work/build.log" 2>&1 ||
        { tail -50 "$work/build.log" >&2; die "the build failed; all of it is in $work/build.log"; }
    "$python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps "$work"/wheelhouse/*.whl
    (cd "$work" && "$python" -m cypool config)
}

# Emulated code takes ten times as long or more.
run_tests() {
    rm -rf "$work/run"
    mkdir -p "$work/run"
    cp -r "$source"/{tests,pyproject.toml,README.md} "$work/run"
    cd "$work/run"
    unset PYTHONPATH
    exec "$python" -m pytest --timeout 3600 -p no:cacheprovider "$@"
}

command=${1:-}
shift || true
case $command in
    build | test | python) ;;
    *) sed -n '4,6s/^# *//p' "$0" >&2; exit 2 ;;
esac
unset PYTHONPATH
tools
unpacked
environment
if [ "$command" = build ] || ! "$python" -c "import importlib.metadata as m; m.version('cypool')" 2> /dev/null; then
    build
fi
case $command in
    test) run_tests "$@" ;;
    python) exec "$python" "$@" ;;
esac
