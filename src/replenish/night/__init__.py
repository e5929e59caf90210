"""One night from beginning to end: its facts, its stages, its outcome, and how to live it again."""
