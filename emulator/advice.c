// For the wait-for report: what its reader can do about a wait.
#include "emulator/report.h"
#include <stb/stb_ds.h>
#include <stdlib.h>

static bool host_feeds(const Emu *e, uint32_t tile, unsigned color)
{
  uint32_t *from = color < MAX_COLORS ? sources_of(e, tile, color) : NULL;
  bool host = false;
  for (ptrdiff_t i = 0; i < arrlen(from); i++)
    host |= from[i] == NO_TILE;
  arrfree(from);
  return host;
}

// The program has functions for the host, and the host has called none of them.
static bool nothing_launched(const Emu *e)
{
  for (ptrdiff_t i = 0; i < arrlen(e->host->commands); i++)
    if (e->host->commands[i].kind == COMMAND_LAUNCH)
      return false;
  for (ptrdiff_t i = 0; i < arrlen(e->img->exports); i++)
    if (e->img->exports[i].kind == EXPORT_FUNC)
      return true;
  return false;
}

static const char library_advice[] =
    "this operation belongs to a library: let every tile that takes part call the same operations "
    "of it in the same order, and wait for each to end";

static bool of_library(const Emu *e, uint32_t tile, uint32_t thread, unsigned color)
{
  const Thread *th = &e->threads[thread];
  if (!thread || !image_of_library(code_place(e, tile, th->pc).file))
    return false;
  return (th->dest.kind == OP_FABOUT && th->dest.color == color) ||
         (th->wait == WAIT_INPUT && input_color(e, tile, th->wait_queue) == color);
}

// Some operation of the library that is under way uses the colour.
static bool library_uses(const Emu *e, unsigned color)
{
  for (uint32_t tile = 0; tile < e->n_tiles; tile++) {
    const Tile *t = &e->tiles[tile];
    if (of_library(e, tile, t->main_op, color))
      return true;
    for (unsigned u = 0; u < MAX_UTS; u++)
      if (of_library(e, tile, t->uts[u], color))
        return true;
  }
  return false;
}

const char *advice_for_side(const Emu *e, unsigned color, const Route *r, Dir d)
{
  bool from_host = false;
  for (unsigned k = 0; k < 4; k++)
    from_host |= r->valid[k] && r->rx[k] & DIR_BIT(DIR_HOST);
  if (d == DIR_RAMP && from_host)
    return "this colour brings what the host sends: let the program send on a colour that leads "
           "to the host (MEMCPYD2H_...)";
  return advice_for_route(e, color, ever_receives(r, d));
}

const char *advice_for_route(const Emu *e, unsigned color, bool other_position)
{
  if (library_uses(e, color))
    return library_advice;
  return other_position
             ? "send a control wavelet that moves the switch, or set its initial position"
             : "receive from there in the route of this tile (rx)";
}

// What can be done about the routes of a colour for which something waits; NULL = nothing.
static const char *advice_for_arrival(const Emu *e, uint32_t tile, unsigned color)
{
  if (color >= MAX_COLORS)
    return NULL;
  if (core_route(e, tile, color) == LEADS_PAST_CORE)
    return "add RAMP to 'tx' of the route of this colour on this tile";
  char *kept_out = why_not_let_in(e, tile, color);
  free(kept_out);
  if (kept_out)
    return advice_for_route(e, color, true);
  if (is_filtered(e, tile, color))
    return "compare what the filter of this colour lets through on this tile with what is sent";
  return NULL;
}

static const char *advice_for_input(const Emu *e, uint32_t tile, const Thread *th)
{
  bool some = th->remaining < th->total;
  const char *route = advice_for_arrival(e, tile, input_color(e, tile, th->wait_queue));
  if (route)
    return route;
  if (th->op == DSD_dfilt)
    return "@dfilt ends after as many control wavelets as its extent says, data wavelets do not "
           "count: let somebody send them";
  if (host_feeds(e, tile, input_color(e, tile, th->wait_queue)))
    return some ? "fewer wavelets came than the extent of the descriptor says: let the host stream "
                  "as many elements to each tile as it takes"
                : "let the host stream to this tile: memcpy_h2d with streaming=True on this "
                  "colour, with the tile in its region";
  return some ? "fewer wavelets came than the extent of the descriptor says: make the extents of "
                "sender and receiver equal"
              : "let somebody send on this colour, check its routes and which queue is bound to it";
}

static const char *advice_for_output(const Emu *e, uint32_t tile, unsigned color)
{
  const char *why;
  uint32_t at = held_at(e, tile, color, &why);
  const Channel *c = at == NO_TILE ? NULL : channel_at(e->fabric, at, color);
  if (!c || c->teardown)
    return "let the receivers take as many wavelets as are sent";
  const Route *r = channel_route(e->fabric, c);
  uint32_t refused = c->occupied & ~r->rx[c->position];
  for (Dir d = 0; d < DIR_COUNT; d++)
    if (refused & DIR_BIT(d))
      return advice_for_side(e, color, r, d);
  return "let the receivers take as many wavelets as are sent";
}

const char *advice_for_far_end(const Emu *e, uint32_t tile, uint32_t end, const Thread *th)
{
  const char *route = advice_for_arrival(e, end, awaited_by_task(e, end));
  return route ? route : advice_for(e, tile, th);
}

const char *advice_for_held(const Emu *e, uint32_t tile)
{
  unsigned color = awaited_by_task(e, tile);
  const char *route = advice_for_arrival(e, tile, color);
  return route ? route
               : "call unblock_cmd_stream() at the end of everything that the launch starts, on "
                 "every path";
}

const char *advice_for(const Emu *e, uint32_t tile, const Thread *th)
{
  if (th->wait != WAIT_BLOCKED && image_of_library(code_place(e, tile, th->pc).file))
    return library_advice;
  switch ((ThreadWait)th->wait) {
  case WAIT_INPUT: return advice_for_input(e, tile, th);
  case WAIT_OUTPUT: return advice_for_output(e, tile, th->dest.color);
  case WAIT_FIFO_DATA: return "start an operation that puts data into the FIFO";
  case WAIT_FIFO_ROOM: return "start an operation that takes data from the FIFO";
  case WAIT_BLOCKED: return "call @unblock for the microthread";
  default: return NULL;
  }
}

const char *advice_for_stream_out(const Emu *e)
{
  return nothing_launched(e)
             ? "launch the function that sends them before receiving: none has been launched"
             : "let the program send as many wavelets as the host receives";
}

const char *advice_for_unread(const Emu *e, uint32_t tile, unsigned color)
{
  if (!host_feeds(e, tile, color))
    return "let an operation or a data task take them";
  return nothing_launched(e)
             ? "launch the function that takes them before streaming: none has been launched"
             : "let the host stream no more elements to each tile than its program takes";
}
