"""The figures of a load run, from its lines to its table."""

from tests.benchmarks.load.figures import Request, Span, by_page, figures, percentile, read_rows, table
from tests.benchmarks.load.run import Plan, read_plan

LINES = [
    "99.0\tsign in\t302\t900.0\n",
    *(f"{100 + n}.0\thome\t200\t{n + 1}.0\n" for n in range(20)),
    "110.0\tstatic file\t200\t5000.0\n",
    "111.0\theavy: PDF job\t200\t9000.0\n",
    "112.0\tfeed\t404\t3.0\n",
    "121.0\thome\t200\t38.0\n",
    "122.0\tfeed\t500\t4.0\n",
    "123.0\tfeed\t0\t120000.0\n",
    "140.0\thome\t0\t1.0\n",
    "124.0\thome\t20",
]
SPANS = [Span("ramp", 90, 100), Span("quiet", 100, 120), Span("busy", 120, 130)]


def test_a_line_cut_off_is_left_out() -> None:
    rows = read_rows(LINES)
    assert (len(rows), rows[0]) == (28, Request(99.0, "sign in", 302, 900.0))


def test_percentiles_are_values_that_were_measured() -> None:
    values = [float(n) for n in range(1, 21)]
    assert [percentile(values, share) for share in (0.5, 0.95, 0.99)] == [10, 19, 20]
    assert percentile([7.0], 0.5) == 7


def test_pages_without_static_files_and_heavy_work() -> None:
    told = by_page(each for each in read_rows(LINES) if each in SPANS[1])
    assert list(told) == ["all pages", "heavy: PDF job", "static file", "home", "feed"]
    assert told["all pages"] == {
        "requests": 21,
        "failed": 1,
        "broke": 0,
        "p50": 10,
        "p95": 19,
        "p99": 20,
        "most": 20,
    }


def test_only_the_servers_own_fault_breaks_a_run() -> None:
    found = figures(read_rows(LINES), SPANS)
    assert found["broke"] == 2
    assert found["spans"]["busy"]["pages"]["feed"]["broke"] == 2
    assert found["spans"]["quiet"]["requests_per_second"] == 1.1


def test_the_table_sets_quiet_beside_busy() -> None:
    lines = table(figures(read_rows(LINES), SPANS)).splitlines()
    home = next(line for line in lines if line.startswith("home"))
    assert home.split() == ["home", "20", "10", "19", "20", "0", "38", "2.0"]
    assert lines[-3:] == [
        "quiet: 1.1 requests/s, p95 19 ms, within the aim 500 ms",
        "busy: 0.3 requests/s, p95 120000 ms, OVER the aim 800 ms",
        "5xx or no answer: 2",
    ]


def test_the_plan_is_read_from_the_command_line() -> None:
    assert read_plan([]) == Plan()
    assert read_plan(["--users", "20", "--busy", "0", "--sqlite"]) == Plan(users=20, busy=0, sqlite=True)
