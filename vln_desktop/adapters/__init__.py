"""The outside world: keyring, processes, files, mail, web hooks."""
