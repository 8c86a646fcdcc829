"""EduForum: a series of host-city education events, from its schedule to the attendance report.

Rooms, top to bottom; a room may import only from rooms below it:

    server · serving · prepare      start
    factory                         the only module that knows every room
    health
    backup
    reports         site
    announcements
    checkin
    registration
    tickets         schedule
    events
    accounts
    notices
    files
    web
    core
"""

import os

# Names need no phrase tables; without them pypinyin takes 13 MiB instead of 57. It reads this
# when it is first imported, so it must stand above every room.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "1")
