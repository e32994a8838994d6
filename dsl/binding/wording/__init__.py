"""The words of a set: English texts of titles, titles beside names, and policy text in other words."""
