"""Who listens to whom: the one place where facts and ports of the apps are bound together."""


def wire() -> None:
    """Binds ports to implementations and events to subscribers; called once at start-up."""
    # Imported here: the apps' models must be loaded first.
    from matching.public import bind_provider_quality, register_kinds
    from quality.public import provider_quality_index

    bind_provider_quality(provider_quality_index)
    register_kinds()
