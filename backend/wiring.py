"""Who listens to whom: the one place where facts and ports of the apps are bound together."""


def wire() -> None:
    """Binds ports to implementations and events to subscribers; called once at start-up."""
    # Imported here: the apps' models must be loaded first.
    from matching.public import register_kinds

    register_kinds()
