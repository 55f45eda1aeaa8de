#!/bin/sh
# Run all tests, lint and types among them, or those that are named: test.sh tests/test_house.py
# All set-up is done the first time (resources/prepare.py) and skipped later.
set -u
here=$(cd "$(dirname "$0")" && pwd)
for python in "$here/../.venv/bin/python" python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        exec "$python" "$here/prepare.py" test "$@"
    fi
done
echo "RosterDesk needs Python 3.11 or newer, and none was found here." >&2
echo "Debian and Ubuntu: apt-get install python3 python3-venv. macOS and others: python.org/downloads." >&2
exit 1
