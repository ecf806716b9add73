#!/bin/sh
# devbox-test: agent=error expect=scheduler-ejected
# A scheduler that says itself that it cannot go on.
sleep 60
