"""Tests of the helpers that set-up, checks and tests stand on."""
