"""What guards an open window: screen lock, a session's end, the code asked again."""
