#!/bin/sh
# devbox-test: agent=stall,--comm=victim expect=scheduler-ejected
cp "$(command -v sleep)" /tmp/victim
/tmp/victim 1
sleep 30
