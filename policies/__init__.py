"""The bundled policy set: `.policy` files and the region table, as package data."""
