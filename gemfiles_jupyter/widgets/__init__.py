"""The panel inside a notebook: widgets that work wherever ipywidgets do."""

from .panel import Panel
from .upload_button import UploadButton

__all__ = ["Panel", "UploadButton"]
