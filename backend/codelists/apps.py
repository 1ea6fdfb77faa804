from django.apps import AppConfig


class CodeListsConfig(AppConfig):
    name = "backend.codelists"
    label = "codelists"
