#!/bin/sh
# devbox-test: agent=fifo-bpf expect=agent-failed
# An agent whose program is wrong.
kill -SEGV $(pgrep -f 'runtime/main.js fifo-bpf')
sleep 60
