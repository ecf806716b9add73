#!/bin/sh
# devbox-test: agent=none expect=test-failed
echo something is wrong >&2
exit 3
