"""One module for each kind of file, each with `read(source) -> Reading`."""
