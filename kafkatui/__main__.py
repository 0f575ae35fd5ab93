"""``python -m kafkatui`` is the console script ``kafkatui``."""

from kafkatui.cli.main import main

if __name__ == "__main__":
    main()
