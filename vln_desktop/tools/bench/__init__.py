"""What is measured, each figure a ratio beside its baseline in one interleaved run."""
