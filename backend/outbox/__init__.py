"""Background work that cannot be lost: written with the change that asks for it, done after it."""
