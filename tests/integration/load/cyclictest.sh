#!/bin/sh
# A thread on each CPU that sleeps for a millisecond again and again.
cyclictest --quiet --threads --mlockall --interval 1000 --duration 2
