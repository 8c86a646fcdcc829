"""Accreditation: outlets apply for their staff, the press office decides, the press is served."""
