"""`python -m bench.crash`."""

from bench.crash.run import main

main()
