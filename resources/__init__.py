"""Icons and other data files of the program."""
