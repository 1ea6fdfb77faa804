from django.urls import path

from procurement.web import pools

urlpatterns = [
    path("lot-pools", pools.PoolList.as_view(), name="lot-pools"),
    path("lot-pools/<uuid:uuid>", pools.PoolPage.as_view(), name="lot-pool"),
    path("lot-pools/<uuid:uuid>/change", pools.PoolChangePage.as_view(), name="lot-pool-change"),
]
