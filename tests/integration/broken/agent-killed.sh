#!/bin/sh
# devbox-test: agent=fifo expect=agent-failed
# An agent that crashes.
kill -9 $(pgrep -f 'runtime/main.js fifo')
sleep 60
