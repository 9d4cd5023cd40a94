"""Workbooks, OpenDocument spreadsheets and delimited text."""
