"""Every call-off and every line of the ledger has a payer; what is approved lies within the claim."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0001_initial"),
        ("procurement", "0004_fill_payer"),
    ]

    operations = [
        migrations.AlterField(
            model_name="calloff",
            name="payer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="paid_call_offs",
                to="organisations.organisation",
            ),
        ),
        migrations.AlterField(
            model_name="ledgerentry",
            name="payer",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="paid_ledger_entries",
                to="organisations.organisation",
            ),
        ),
        migrations.AddIndex(
            model_name="ledgerentry",
            index=models.Index(
                fields=["payer", "month", "category", "kind"],
                include=("amount",),
                name="procurement_ledger_payer",
            ),
        ),
        migrations.AddConstraint(
            model_name="claimline",
            constraint=models.CheckConstraint(
                condition=Q(
                    ("approved_amount__range", (0, F("amount"))),
                    ("approved_quantity__range", (0, F("quantity"))),
                    ("state", "approved"),
                )
                | Q(
                    ~Q(("state", "approved")),
                    ("approved_amount__isnull", True),
                    ("approved_quantity__isnull", True),
                ),
                name="procurement_claimline_approved_within",
            ),
        ),
    ]
