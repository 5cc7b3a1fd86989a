# Programs that a user would start from; run by tests/run and ./demo.
EXTRA_DIST += examples/gemm-summa/layout.csl examples/gemm-summa/pe.csl examples/gemm-summa/run.py \
  examples/gemv/host.c examples/gemv/layout.csl examples/gemv/pe.csl examples/gemv/run.py \
  examples/stencil-2d/layout.csl examples/stencil-2d/pe.csl examples/stencil-2d/run.py
EXTRA_DIST += bench/run
