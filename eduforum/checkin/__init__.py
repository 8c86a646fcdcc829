"""The door: points, devices, scans. What happened there is a set of facts; all else is derived."""
