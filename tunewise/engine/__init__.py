"""Rule files and a fact sheet in, a verdict out."""
