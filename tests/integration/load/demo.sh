#!/bin/sh
# More threads that compute than CPUs, and pairs that wake each other.
devbox-workload demo --duration 1s
