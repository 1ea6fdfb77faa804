import backend.common.clock
import django.db.models.deletion
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisations', '0001_initial'),
        ('procurement', '0002_ledger_append_only'),
    ]

    operations = [
        migrations.CreateModel(
            name='ClaimSheet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('created_at', models.DateTimeField(default=backend.common.clock.now, editable=False)),
                ('number', models.CharField(max_length=40, verbose_name='claim number')),
                ('month', models.DateField(verbose_name='month')),
                ('file_name', models.CharField(max_length=200, verbose_name='file')),
                ('content', models.BinaryField(default=bytes)),
                ('report', models.JSONField(default=dict)),
            ],
            options={
                'ordering': ['-created_at', '-pk'],
            },
        ),
        migrations.AddField(
            model_name='calloff',
            name='payer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paid_call_offs', to='organisations.organisation'),
        ),
        migrations.AddField(
            model_name='calloff',
            name='person_key',
            field=models.UUIDField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='claimline',
            name='approved_amount',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=12, null=True, verbose_name='approved amount'),
        ),
        migrations.AddField(
            model_name='claimline',
            name='approved_quantity',
            field=models.DecimalField(blank=True, decimal_places=2, max_digits=9, null=True, verbose_name='approved quantity'),
        ),
        migrations.AddField(
            model_name='ledgerentry',
            name='payer',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='paid_ledger_entries', to='organisations.organisation'),
        ),
        migrations.AddField(
            model_name='claimsheet',
            name='claim',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='sheet', to='procurement.claim'),
        ),
        migrations.AddField(
            model_name='claimsheet',
            name='contract',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_sheets', to='procurement.contract'),
        ),
        migrations.AddField(
            model_name='claimsheet',
            name='municipality',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='claim_sheets', to='organisations.organisation'),
        ),
    ]
