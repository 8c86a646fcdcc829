"""Is all well? For machines that watch, and for the person who is asked at midnight."""
