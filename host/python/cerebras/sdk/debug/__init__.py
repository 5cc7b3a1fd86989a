"""Looking at the memory of a program."""
