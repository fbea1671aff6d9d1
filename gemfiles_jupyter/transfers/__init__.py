"""Many uploads at once: sources, MIME types, progress, workers, waiting for ACTIVE.

`manager` runs them. The journal (transfers that outlive the process) and reuse (never send the same
bytes twice) will stand between `manager` and `client.uploads`, in `journal.py` and `reuse.py`.
"""
