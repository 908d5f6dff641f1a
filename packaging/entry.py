"""What the frozen program runs: the window, or one of its own processes."""

from ui.__main__ import main

raise SystemExit(main())
