"""An answer as a file to hand on: Word and PDF with footnotes, the workbook of its figures, and text to paste.

Each is made from the Answer object that the page shows, so no file can say more than its reader may see.
"""
