"""The hub: this server as local authority of a venue, a copy of a series that a main server keeps."""
