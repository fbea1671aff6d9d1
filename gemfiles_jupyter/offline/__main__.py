"""``python -m gemfiles_jupyter.offline --data DIR``: the offline server by itself."""

from __future__ import annotations

import sys

from .serve import serve

if __name__ == "__main__":
    sys.exit(serve())
