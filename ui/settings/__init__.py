"""The settings: one small page a subject, all in one frame."""
