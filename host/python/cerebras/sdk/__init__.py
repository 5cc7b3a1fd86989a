"""Host side of compiled programs: runtime, helpers, debugging."""
