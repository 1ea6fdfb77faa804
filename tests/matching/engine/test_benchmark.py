"""The benchmark itself: its references do the same work as the engine, at a small size."""

from tests.benchmarks import engine as benchmark


def test_references_agree_with_the_engine(capsys):
    lines = [
        *benchmark.independent(120, 40),
        *benchmark.identical(300, 60),
        *benchmark.one_person(120, 1),
        *benchmark.whole_batch(200, 40, 3.0, 1),
    ]
    equalities = [line for line in lines if line.bar in ("equal", "100 %")]
    assert len(equalities) == 9
    assert all(line.met for line in equalities)
    benchmark.report(lines)
    assert "targets met" in capsys.readouterr().out


def test_one_run_prints_what_the_memory_target_reads(capsys):
    benchmark.one(60, 20)
    peak, seconds, arcs, placed = map(float, capsys.readouterr().out.split())
    assert peak > 0 < seconds
    assert arcs >= placed > 0
