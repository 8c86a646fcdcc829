"""Helpers of the Makefile. Not part of the product."""
