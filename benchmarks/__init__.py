"""Each peer beside us, in one process: `python -m benchmarks [stem …]` times the problems of each `bench_STEM.py`."""
