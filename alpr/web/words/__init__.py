"""The words of the pages, in the reader's language."""
