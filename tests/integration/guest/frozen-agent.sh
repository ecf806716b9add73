#!/bin/sh
# devbox-test: agent=fifo,--stall,500ms expect=scheduler-ejected
# An agent that stops answering: the kernel gives its tasks back, this one among them.
# Origin: ghOSt's agent_test (AgentBlock).
agent=$(pgrep -f 'runtime/main.js fifo')
kill -STOP "$agent"
until [ "$(cat /sys/kernel/sched_ext/state)" = disabled ]; do sleep 0.1; done
kill -CONT "$agent"
