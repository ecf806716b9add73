#!/bin/sh
# devbox-test: agent=none expect=test-failed
# A test that switches its guest off.
echo o > /proc/sysrq-trigger
sleep 60
