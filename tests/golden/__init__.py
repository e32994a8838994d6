"""Tests of the output against files: the corpus, transcripts, pages, examples."""
