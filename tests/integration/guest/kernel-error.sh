#!/bin/sh
# devbox-test: agent=error,--comm=victim expect=scheduler-ejected
cp "$(command -v sleep)" /tmp/victim
/tmp/victim 1
sleep 30
