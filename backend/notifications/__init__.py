"""What happened that an organisation should know: shown to whoever may see it there."""
