"""What every question needs: solving, searching, witnesses, extents, work in parallel."""
