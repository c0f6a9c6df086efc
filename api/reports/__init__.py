"""What a check or a comparison found, as documents to hand on: self-contained HTML, SVG charts and workbooks.

Everything here takes records and gives `str` or `bytes`, in Chinese; what comes from documents is escaped.
"""
