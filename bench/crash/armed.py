"""The whole newsroom as its command line starts it, with the failpoint armed that the environment names."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))  # for `bench`, which is no package

from bench.crash import small
from bot.__main__ import main

if __name__ == "__main__":
    small.arm()
    main()
