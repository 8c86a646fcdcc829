"""Named reads of the reports: attendance, arrivals, the overview, the audit trail."""
