"""The course catalogue as Open Education API 6.0 (openonderwijsapi.nl): public, and only to read.

Courses are courses, intake moments are course offerings, providers are organisations. What OEAPI
has no field for stands in `ext`. No seat claims, contracts, prices or persons.
"""
