from django.urls import path

from matching.web import (
    bundles,
    comparison,
    households,
    needs,
    pip_pages,
    placement_steps,
    placements,
    policy,
    policy_register,
    proposal_decisions,
    proposals,
    records,
    runs,
    transfer_reports,
    transfers,
)

urlpatterns = [
    path("work-list", needs.WorkListPage.as_view(), name="work-list"),
    path("needs/<uuid:uuid>", needs.NeedPage.as_view(), name="need"),
    path("needs/<uuid:uuid>/recommend", needs.RecommendPage.as_view(), name="recommend"),
    path("pips/new", pip_pages.PipNewPage.as_view(), name="pip-new"),
    path("pips/due", pip_pages.PipsDuePage.as_view(), name="pips-due"),
    path(
        "participants/<uuid:uuid>/pips/new",
        pip_pages.PipVersionPage.as_view(),
        name="pip-version-new",
    ),
    path("policies", policy.PolicyList.as_view(), name="policies"),
    path("policies/<uuid:uuid>", policy.PolicyPage.as_view(), name="policy"),
    path("policies/new/<uuid:uuid>", policy.PolicyNewPage.as_view(), name="policy-new"),
    path("algorithm-register", policy_register.RegisterIndex.as_view(), name="algorithm-register"),
    path(
        "algorithm-register/<slug:kind>/<slug:code>",
        policy_register.RegisterPage.as_view(),
        name="algorithm-register-text",
    ),
    *(
        path(
            f"algorithm-register/<slug:kind>/<slug:code>/{form}",
            policy_register.RegisterDownload.as_view(),
            {"form": form},
            name=f"algorithm-register-{form}",
        )
        for form in ("txt", "json")
    ),
    path("postcodes/place", pip_pages.PostcodePlace.as_view(), name="postcode-place"),
    path("pips/<uuid:uuid>", needs.PipPage.as_view(), name="pip"),
    path("match-records/<uuid:uuid>", records.MatchRecordPage.as_view(), name="match-record"),
    path(
        "match-records/<uuid:uuid>/choose/<uuid:intake_moment>",
        records.ChoosePage.as_view(),
        name="choose-place",
    ),
    path(
        "match-records/<uuid:uuid>/compare",
        comparison.ComparisonPage.as_view(),
        name="compare-places",
    ),
    path("pips/<uuid:uuid>/bundle", bundles.BundleNewPage.as_view(), name="bundle-new"),
    path("bundles/<uuid:uuid>", bundles.BundlePage.as_view(), name="bundle"),
    path(
        "participants/<uuid:uuid>/household",
        households.HouseholdPage.as_view(),
        name="household",
    ),
    path(
        "households/<uuid:uuid>/dissolve",
        households.HouseholdDissolvePage.as_view(),
        name="household-dissolve",
    ),
    path("placements", placements.PlacementList.as_view(), name="placements"),
    path("inbox", placements.InboxPage.as_view(), name="placement-inbox"),
    path("placements/<uuid:uuid>", placements.PlacementPage.as_view(), name="placement"),
    path(
        "providers/<uuid:uuid>/transfer",
        transfers.TransferPage.as_view(),
        name="provider-transfer",
    ),
    path("group-transfers", transfer_reports.TransferList.as_view(), name="group-transfers"),
    path(
        "group-transfers/<uuid:uuid>",
        transfer_reports.TransferReportPage.as_view(),
        name="group-transfer",
    ),
    path("match-runs", runs.RunList.as_view(), name="match-runs"),
    path("match-runs/new", runs.RunNewPage.as_view(), name="match-run-new"),
    path("match-runs/<uuid:uuid>", runs.RunPage.as_view(), name="match-run"),
    path("match-runs/<uuid:uuid>/proposals", proposals.ProposalList.as_view(), name="proposals"),
    path("proposals/<uuid:uuid>", proposal_decisions.ProposalPage.as_view(), name="proposal"),
    path("proposals/<uuid:uuid>/why", proposals.ProposalWhyPage.as_view(), name="proposal-why"),
    path(
        "proposals/<uuid:uuid>/effects",
        proposal_decisions.EffectsPage.as_view(),
        name="proposal-effects",
    ),
    path(
        "proposals/<uuid:uuid>/decline",
        proposal_decisions.DeclinePage.as_view(),
        name="proposal-decline",
    ),
    *(
        path(f"placements/<uuid:uuid>/{verb}", page.as_view(), name=f"placement-{verb}")
        for verb, page in (
            ("offer", placement_steps.OfferPage),
            ("accept", placement_steps.AcceptPage),
            ("refuse", placement_steps.RefusePage),
            ("withdraw", placement_steps.WithdrawPage),
            ("start", placement_steps.StartPage),
            ("stop", placement_steps.StopPage),
        )
    ),
]
