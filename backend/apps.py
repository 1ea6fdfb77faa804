from django.apps import AppConfig


class PassendConfig(AppConfig):
    """The composition root: binds the apps together once all models are loaded."""

    name = "backend"
    label = "passend"

    def ready(self) -> None:
        from backend.demo.logins import announce
        from backend.wiring import wire

        wire()
        announce()
