// y = A x on a grid of tiles, driven from C: the same run as run.py. Arguments: folder made by
// cslc, then the params width, height, rows and cols that it was compiled with.
//   cc host.c -o host -lweft && ./host out 4 3 8 16
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <weft.h>

typedef struct Grid {
  uint32_t width, height, rows, cols;
} Grid;

// Small numbers of both signs, the same on every machine.
static float value(uint32_t i)
{
  return (float)((int32_t)(i * 2654435761u >> 24) - 128) / 64.0f;
}

static uint32_t bits(float f)
{
  union {
    float f;
    uint32_t u;
  } pun = {.f = f};
  return pun.u;
}

static float from_bits(uint32_t u)
{
  union {
    uint32_t u;
    float f;
  } pun = {.u = u};
  return pun.f;
}

static void *words(size_t n)
{
  void *p = calloc(n, sizeof(uint32_t));
  if (!p)
    exit(1);
  return p;
}

// Element (i, j) of A is value(i * columns + j); blocks go column by column, tiles row by row.
static uint32_t *make_blocks(Grid g)
{
  uint32_t columns = g.width * g.cols, *out = words((size_t)g.height * g.rows * columns),
           *next = out;
  for (uint32_t y = 0; y < g.height; y++)
    for (uint32_t x = 0; x < g.width; x++)
      for (uint32_t j = 0; j < g.cols; j++)
        for (uint32_t i = 0; i < g.rows; i++)
          *next++ = bits(value((y * g.rows + i) * columns + x * g.cols + j));
  return out;
}

static int compute(Weft *w, Grid g, uint32_t *y)
{
  uint32_t columns = g.width * g.cols, *blocks = make_blocks(g), *x = words(columns);
  for (uint32_t j = 0; j < columns; j++)
    x[j] = bits(value(j));
  const WeftCopy copy_A = {.width = g.width, .height = g.height, .count = g.rows * g.cols};
  const WeftCopy copy_x = {
      .width = g.width, .height = g.height, .count = g.cols, .spread = WEFT_COL_BROADCAST};
  const WeftCopy copy_y = {.x = g.width - 1, .width = 1, .height = g.height, .count = g.rows};
  int status = weft_load(w) || weft_run(w) ||
               weft_h2d(w, weft_symbol_id(w, "A"), blocks, (size_t)g.height * g.rows * columns,
                        &copy_A, NULL) ||
               weft_h2d(w, weft_symbol_id(w, "x"), x, columns, &copy_x, NULL) ||
               weft_launch(w, "multiply", NULL, 0, false, NULL) ||
               weft_d2h(w, weft_symbol_id(w, "y"), y, (size_t)g.height * g.rows, &copy_y, NULL) ||
               weft_stop(w);
  free(blocks);
  free(x);
  return status;
}

static int check(Grid g, const uint32_t *y)
{
  uint32_t columns = g.width * g.cols;
  for (uint32_t i = 0; i < g.height * g.rows; i++) {
    double sum = 0;
    for (uint32_t j = 0; j < columns; j++)
      sum += (double)value(i * columns + j) * (double)value(j);
    if (fabs(sum - (double)from_bits(y[i])) > 1e-3 * (1 + fabs(sum))) {
      fprintf(stderr, "y[%u] = %g, expected %g\n", i, (double)from_bits(y[i]), sum);
      return 1;
    }
  }
  return 0;
}

int main(int argc, char **argv)
{
  if (argc != 6) {
    fprintf(stderr, "usage: host FOLDER WIDTH HEIGHT ROWS COLS\n");
    return 2;
  }
  Grid g = {(uint32_t)atoi(argv[2]), (uint32_t)atoi(argv[3]), (uint32_t)atoi(argv[4]),
            (uint32_t)atoi(argv[5])};
  Weft *w = weft_open(argv[1], NULL);
  if (!w) {
    fprintf(stderr, "%s\n", weft_open_error());
    return 1;
  }
  uint32_t *y = words((size_t)g.height * g.rows);
  int status = compute(w, g, y);
  if (status)
    fprintf(stderr, "%s\n", weft_error(w));
  else
    status = check(g, y);
  if (!status)
    printf("%llu cycles\nSUCCESS!\n", (unsigned long long)weft_cycle(w));
  weft_close(w);
  free(y);
  return status ? 1 : 0;
}
