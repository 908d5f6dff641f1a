"""What a person does with the program that they have, whatever it is made of.

CASCADE_PROGRAM names it: `make test` tries the source tree, `make test-frozen` the frozen program. Nothing
of the program is imported to drive it: its window over AT-SPI, its command line, its files.
"""
