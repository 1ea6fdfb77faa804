"""The spreadsheet round trip of a provider's catalogue: the export file is the import file."""
