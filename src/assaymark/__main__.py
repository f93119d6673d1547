"""Run the command line as ``python -m assaymark``."""

from assaymark._cli import main

if __name__ == "__main__":
    main()
