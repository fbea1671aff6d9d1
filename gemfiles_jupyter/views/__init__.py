"""What users see, as text/plain and escaped text/html of the same thing, side by side. Pure."""
