#!/bin/sh
# devbox-test: agent=none expect=kernel-panic
echo c > /proc/sysrq-trigger
sleep 60
