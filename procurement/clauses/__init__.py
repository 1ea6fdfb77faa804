"""Contract clauses as rules: what may be agreed, and when it is broken. Pure: no rows, no clock."""
