"""Tests of tickets, their text and their QR code."""
