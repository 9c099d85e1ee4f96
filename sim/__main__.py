"""``python -m sim`` is the command ``jiazheng``."""

from sim.cli import main

if __name__ == "__main__":
    main()
