"""Reports as text, JSON, JUnit and CSV."""
