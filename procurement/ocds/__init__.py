"""Open contracting data: OCDS 1.1.5 releases and records of public contracting processes.

Two profiles: `core` knows no lots; `eu` adds them with the European Union profile, which the
package declares.
"""
