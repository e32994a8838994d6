"""What the program says against what stands in files: the corpus, transcripts, pages, examples."""
