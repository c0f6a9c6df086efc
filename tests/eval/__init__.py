"""What a change to the extractor does: records gained, lost and changed between two revisions."""
