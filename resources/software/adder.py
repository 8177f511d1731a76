"""Adds up the whole numbers that it is given."""

import sys

print(sum(int(word) for word in sys.argv[1:]))
