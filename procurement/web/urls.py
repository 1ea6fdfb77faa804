from django.urls import path

from procurement.web import views

urlpatterns = [
    path("contracts", views.ContractList.as_view(), name="contracts"),
    path("contracts/<uuid:uuid>", views.ContractPage.as_view(), name="contract"),
]
