"""From text to the source tree."""
