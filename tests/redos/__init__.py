"""Whether a hostile text can make a regular expression take more than its length deserves."""
