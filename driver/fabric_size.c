// The place of the program rectangle on the fabric (spec host 1.2).
#include "driver/frontend.h"

// What memcpy needs around the program: three columns to its west, two to its east and a border of
// one tile.
enum { MEMCPY_WEST = 4, MEMCPY_NORTH = 1, MEMCPY_EAST = 3, MEMCPY_SOUTH = 1 };

bool frontend_place(Session *s, FabricModule *f)
{
  const Options *o = &s->opt;
  uint32_t west = 0, north = 0, east = 0, south = 0;
  if (o->memcpy) {
    west = MEMCPY_WEST + o->width_west_buf.value;
    north = MEMCPY_NORTH;
    east = MEMCPY_EAST + o->width_east_buf.value;
    south = MEMCPY_SOUTH;
  }
  f->offset_x = o->fabric_offsets.given ? o->fabric_offsets.x : west;
  f->offset_y = o->fabric_offsets.given ? o->fabric_offsets.y : north;
  if (f->offset_x < west || f->offset_y < north) {
    DIAG_AT(&s->diags, fabric_offset_small, (SrcRange){0}, f->offset_x, f->offset_y, west, north);
    return false;
  }
  uint32_t width = f->offset_x + f->width + east, height = f->offset_y + f->height + south;
  f->fabric_width = o->fabric_dims.given ? o->fabric_dims.x : width;
  f->fabric_height = o->fabric_dims.given ? o->fabric_dims.y : height;
  if (f->fabric_width < width || f->fabric_height < height) {
    DIAG_AT(&s->diags, fabric_too_small, (SrcRange){0}, f->fabric_width, f->fabric_height, width,
            height);
    return false;
  }
  return true;
}
