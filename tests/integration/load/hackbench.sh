#!/bin/sh
# Groups of processes that write to one another: 80 processes, through sockets and through pipes.
set -e
hackbench --groups 2 --loops 50
hackbench --groups 2 --loops 50 --pipe
