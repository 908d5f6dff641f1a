"""`python -m app`: the command line without the window; also how the app starts its own children."""

from app.cli import main

if __name__ == "__main__":
    raise SystemExit(main())
