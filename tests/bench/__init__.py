"""How fast EduForum is: `make bench` on SQLite and on PostgreSQL, both with durable commits."""
