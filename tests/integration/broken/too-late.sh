#!/bin/sh
# devbox-test: agent=none expect=test-failed timeout=1s
# Does not end, not even when it is asked to.
trap '' TERM
while :; do sleep 1; done
