"""`make prove`: the promises about load, faults and bad luck, each shown and each with a control."""
