"""Who pays: which needs the municipality buys, and for which it only gives advice."""

from backend.common.codes import Component, TargetGroup

# Language and KNM are the leerroute; MAP and PVT are offered to everybody (domain.md 1.2).
ROUTE_COMPONENTS = frozenset(
    {Component.B1_ROUTE, Component.EDUCATION_ROUTE, Component.Z_ROUTE, Component.KNM}
)


def is_referral(component: str, target_group: str) -> bool:
    """Whether a place is advice without a municipal price (R-PAY-1; Wet inburgering art. 16).

    The leerroute is bought for asylum status holders only; family and other migrants are referred.
    """
    return component in ROUTE_COMPONENTS and target_group != TargetGroup.ASYLUM
