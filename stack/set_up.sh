# Put what requirements/$1.txt names, the packages of this checkout and Kafka's jars in place.
# Called by the Makefile, which says where by PYTHON, VENV, MARKS and PACKAGES, and only when
# something it depends on has changed. `dev` holds all that `run` does and marks both.
set -eu

say() { echo "set-up │ $*"; }
fail() { echo "set-up │ $*" >&2; exit 1; }

check_python() {
    command -v "$PYTHON" >/dev/null || fail "There is no $PYTHON here: install Python 3.11 or newer, or name one with PYTHON=…"
    version=$("$PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])') || fail "$PYTHON doesn't run: name another with PYTHON=…"
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "$PYTHON is Python $version, and 3.11 or newer is needed: install one, or name it with PYTHON=…"
    "$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
        fail "$PYTHON has no venv module: install it (on Debian and Ubuntu: apt install python$version-venv), then try again."
}

make_environment() {
    say "1/4 an environment for Python $version in $VENV"
    "$PYTHON" -m venv --clear "$VENV" || fail "$VENV can't be made: see above; is this folder writable and the disk not full?"
    "$VENV/bin/python" -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements/bootstrap.txt ||
        fail "The download of uv failed, see above: check the network and the package index that pip is set to, then try again."
    mkdir -p "$MARKS"
    touch "$MARKS/uv"
}

install_requirements() {
    say "2/4 third-party packages ($(grep -c '==' "requirements/$1.txt") at most, from requirements/$1.txt)"
    VIRTUAL_ENV="$VENV" "$VENV/bin/uv" pip install --compile-bytecode --require-hashes -r "requirements/$1.txt" ||
        fail "The download or check of a package failed, see above: check the network, then try again."
}

install_ours() {
    say "3/4 the packages of this checkout"
    set --
    for package in $PACKAGES; do set -- "$@" -e "$package"; done
    VIRTUAL_ENV="$VENV" "$VENV/bin/uv" pip install --quiet --offline --no-deps --no-build-isolation "$@" ||
        fail "A package of this checkout can't be installed: see above."
    # once, not in each process: with PYTHONDONTWRITEBYTECODE set, Python would keep none of it
    # shellcheck disable=SC2086 # one word a package
    "$VENV/bin/python" -m compileall -q -j 0 $PACKAGES demo || fail "A file of this checkout is no Python: see above."
}

install_jars() {
    say "4/4 Apache Kafka"
    "$VENV/bin/python" -m atelier.stack install || exit 1 # it has said why
}

if ! [ -e "$MARKS/uv" ] || [ requirements/bootstrap.txt -nt "$MARKS/uv" ] || ! "$VENV/bin/python" -c ''; then
    check_python
    make_environment
fi
install_requirements "$1"
install_ours
install_jars
touch "$MARKS/run" "$MARKS/$1"
say "done"
