"""What a user can do, once for all front ends."""
