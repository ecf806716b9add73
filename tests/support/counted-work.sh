#!/bin/bash
# Computes, forks and sleeps in rounds until its standard input ends. Says after each how many there were, and how many of its children
# ended as they should.
rounds=0 children=0 code=142
while ((code > 128)); do
	((rounds += 1))
	for ((i = 0; i < 200; i++)); do :; done
	(exit 7)
	(($? == 7)) && ((children += 1))
	echo "$rounds $children"
	read -r -t 0.2
	code=$?
done
