"""Series, their hosts, organisations and events; who may do what in which series."""
